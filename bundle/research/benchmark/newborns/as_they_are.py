"""Part ``as_they_are``: scans as given. Lesions by size, false alarms by slice and by scan, calibration."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from scripts.results.comparison import UNUSUAL, WORDS

from . import estimate
from .by_size import Rows, groups, tables
from .dataset import Case
from .each_case import Measured, measure_each
from .lesions import lesion_scores
from .p_values import calibration, cross_fitted
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
        above the network's threshold, of all usable slices, beside the ``nominal`` share; ``by_scan`` unusual by the
        shipped reference (None for other networks), and ``by_scan_cross_fitted`` by a reference of the other subjects.
        ``p_values`` by such a reference, see :func:`.p_values.calibration`. And ``scans`` with score (a logit) and side
        of each run.
    """
    crossed = {row["case"]: p for row, p in zip(rows, cross_fitted(rows), strict=True)}
    return {
        "by_size": tables(rows),
        "false_alarms": {
            name: _false_alarms(part, [crossed[row["case"]] for row in part]) for name, part in groups(rows).items()
        },
        "p_values": {name: calibration([crossed[row["case"]] for row in part]) for name, part in groups(rows).items()},
        "scans": [
            {
                "case": row["case"],
                **{key: [run["scan"][key] for run in row["runs"]] for key in SHOWN},
            }
            for row in rows
        ],
    }


def _false_alarms(rows: Rows, crossed: list[list[float | None]]) -> dict[str, Any]:
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
        "by_scan": estimate.mean([[scan["unusual"] for scan in run] for run in scans], subjects),
        "by_scan_cross_fitted": estimate.mean(
            [
                [None if p is None else float(p < WORDS[UNUSUAL]) for p in values]
                for values in zip(*crossed, strict=True)
            ],
            subjects,
        ),
    }


def _scan(case: Case) -> dict[str, Any]:
    """Score a scan by each of its networks, and lesions in it."""
    runs = []
    for (model, skull_strip), data in prepared_for(case["image"], case["networks"]):
        pair = data["image"]
        scan = score_pair(pair, evidence(pair, model), model, skull_strip)
        runs.append({"scan": scan, "lesions": lesion_scores(pair, case["case"], case["subject"], model)})
    return {"runs": runs}
