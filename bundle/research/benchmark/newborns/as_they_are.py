"""Part ``as_they_are``: scans as given. Lesions by size, false alarms by slice and by scan, calibration."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from scripts.results.normative import EXCEEDED_BY

from . import estimate
from .by_size import Rows, groups, tables
from .dataset import Case
from .each_case import Measured, measure_each
from .lesions import lesion_scores
from .scored import evidence, prepared_for, score_pair

NOMINAL = 0.015
"""Share of normal slices that should be above the threshold."""


SHOWN = ("score", "side", "above")
"""What the result says of every single scan and run."""


def measure(cases: list[Case], folder: Path, at_once: int | None = None) -> Measured:
    """Score scans, and lesions drawn into them; see :func:`summary`."""
    return measure_each(_scan, cases, folder, at_once)


def summary(rows: Rows) -> dict[str, Any]:
    """Summarise what was measured.

    Returns:
        JSON-safe, each by group of scans: ``by_size``, see :func:`.by_size.tables`; and ``false_alarms``: ``by_slice``
        above the network's threshold, of all usable slices, beside the ``nominal`` share; ``by_scan`` above the scan
        threshold of the shipped reference (None for other networks), and ``by_scan_cross_fitted`` above the 95 %
        quantile of the other subjects' scores. And ``scans`` with score (a logit) and side of each run.
    """
    crossed = cross_fitted(rows)
    above = {row["case"]: flags for row, flags in zip(rows, crossed, strict=True)}
    return {
        "by_size": tables(rows),
        "false_alarms": {
            name: _false_alarms(part, [above[row["case"]] for row in part]) for name, part in groups(rows).items()
        },
        "scans": [
            {
                "case": row["case"],
                **{key: [run["scan"][key] for run in row["runs"]] for key in SHOWN},
            }
            for row in rows
        ],
    }


def cross_fitted(rows: Rows) -> list[list[bool | None]]:
    """Return for each scan and run whether its score is above the 95 % quantile of the other subjects' scores.

    The quantile is that of the reference of ``predict`` (Weibull). Of fewer than 19 scores it is the highest one. None
    if there is no other subject.
    """
    subjects = np.array([row["subject"] for row in rows])
    scores = np.array([[run["scan"]["score"] for run in row["runs"]] for row in rows])  # (scans, runs)
    flags: list[list[bool | None]] = []
    for subject, own in zip(subjects, scores, strict=True):
        others = scores[subjects != subject]
        if len(others) == 0:
            flags.append([None] * len(own))
            continue
        limits = np.quantile(others, 1 - EXCEEDED_BY, axis=0, method="weibull")
        flags.append([bool(score > limit) for score, limit in zip(own, limits, strict=True)])
    return flags


def _false_alarms(rows: Rows, crossed: list[list[bool | None]]) -> dict[str, Any]:
    runs = range(len(rows[0]["runs"]))
    scans = [[row["runs"][k]["scan"] for row in rows] for k in runs]
    slices = [[float(s > scan["threshold"]) for scan in run for s in scan["slices"]] for run in scans]
    subjects = [row["subject"] for row in rows]
    of_slice = [[row["subject"] for row in rows for _ in row["runs"][k]["scan"]["slices"]] for k in runs]
    return {
        "subjects": len(set(subjects)),
        "scans": len(rows),
        "by_slice": estimate.mean_of_each(slices, of_slice),
        "nominal": NOMINAL,
        "by_scan": estimate.mean([[scan["above_reference"] for scan in run] for run in scans], subjects),
        "by_scan_cross_fitted": estimate.mean([[flags[k] for flags in crossed] for k in runs], subjects),
    }


def _scan(case: Case) -> dict[str, Any]:
    """Score a scan by each of its networks, and lesions in it."""
    runs = []
    for (model, skull_strip), data in prepared_for(case["image"], case["networks"]):
        pair = data["image"]
        scan = score_pair(pair, evidence(pair, model), model, skull_strip)
        runs.append({"scan": scan, "lesions": lesion_scores(pair, case["case"], case["subject"], model)})
    return {"runs": runs}
