"""How well each pathology is seen: scans with it against the same scans without it."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from scripts.evaluation.measures import STATED_FPR
from scripts.evaluation.roc import performance, share_above

from ..newborns import estimate
from ..newborns.by_size import Rows, groups
from ..newborns.p_values import calibration
from . import BILATERAL
from .answers import answered, p_values_of_normal
from .scan import NORMAL

ANSWER, VOLUMES = "rarity", "volume_index"

AUCS = {"auc": ANSWER, "auc_of_score": "score", "auc_of_three_slices": "three_slices", "baseline_auc": VOLUMES}
"""Name -> what the AUC is of: the answer, from score and volumes; the score alone, of five neighbouring slices; that of
the three highest slices; and the difference of the volumes alone, which learns nothing."""


def summary(rows: Rows) -> dict[str, Any]:
    """Summarise what :func:`.scan.score_kind` returned for every scan and kind.

    Returns:
        JSON-safe: group of scans -> kind -> level -> ``scans``, ``severity``; the AUC of the scan against normal scans
        of the group, of every row of :data:`AUCS`; ``sensitivity`` of the answer at 5 % of the normal scans; of those
        found so, ``side_correct`` and ``hit``, a peak inside the pathology or within 5 mm. Of both sides alike:
        ``above``, the share found. All with 95 % intervals over subjects; the runs (seeds) are averaged. None where
        there are too few normal scans for an answer.
    """
    return {name: _group(part) for name, part in groups(answered(rows)).items()}


def normal_p_values(rows: Rows) -> dict[str, Any]:
    """Return by group of scans whether the p values of the normal scans are what they say, see ``calibration``."""
    return {name: calibration(p_values_of_normal(part)) for name, part in groups(answered(rows)).items()}


def _group(rows: Rows) -> dict[str, Any]:
    normal = [row for row in rows if row["kind"] == NORMAL]
    result: dict[str, Any] = {}
    for row in rows:
        if row["kind"] != NORMAL:
            for image in row["images"]:
                chosen = result.setdefault(row["kind"], {}).setdefault(image["level"], [])
                chosen.append({**image, "subject": row["subject"]})
    return {
        kind: {level: _level(images, normal, level) for level, images in levels.items()}
        for kind, levels in result.items()
    }


def _level(images: Rows, normal: Rows, level: str) -> dict[str, Any]:
    names = [image["subject"] for image in images]
    subjects = sorted({*names, *(row["subject"] for row in normal)})
    index, of_normal = (np.array([subjects.index(row["subject"]) for row in part]) for part in (images, normal))
    runs = [
        ([image["runs"][k] for image in images], [row["images"][0]["runs"][k] for row in normal])
        for k in range(len(images[0]["runs"]))
    ]
    aucs = {name: _auc(runs, key, index, of_normal) for name, key in AUCS.items()}
    sensitivities, side, hit = [], [], []
    for ill, well in runs:
        rarity, normal_rarity = _values(ill, ANSWER), _values(well, ANSWER)
        if not np.isfinite([*rarity, *normal_rarity]).all():
            continue
        threshold = float(np.quantile(normal_rarity, 1 - STATED_FPR, method="weibull"))
        sensitivities.append(share_above(rarity, index, threshold, len(subjects)))
        found = rarity > threshold
        side.append(_of_found([one["side"] == image["side"] for one, image in zip(ill, images, strict=True)], found))
        hit.append(_of_found([one.get("hit", False) for one in ill], found))
    sensitivity = estimate.as_json(sensitivities) if sensitivities else None
    if level == BILATERAL:
        return {"scans": len(images), "above": sensitivity}
    return {
        "scans": len(images),
        "severity": images[0]["severity"],
        **aucs,
        "sensitivity": sensitivity,
        "side_correct": estimate.mean(side, names),
        "hit": estimate.mean(hit, names),
    }


def _auc(
    runs: list[tuple[Rows, Rows]], key: str, index: NDArray[np.int64], of_normal: NDArray[np.int64]
) -> estimate.Estimate | None:
    """Return the AUC of a measure; None if a scan has no value."""
    values = [(_values(ill, key), _values(well, key)) for ill, well in runs]
    if not all(np.isfinite([*ill, *well]).all() for ill, well in values):
        return None
    return estimate.as_json([performance(ill, index, well, of_normal, 0.0)["auc"] for ill, well in values])


def _values(runs: Rows, key: str) -> NDArray[np.float64]:
    """Return a measure of every scan, without its sign if it is that of the volumes; NaN where there is none."""
    values = np.array([np.nan if run[key] is None else run[key] for run in runs], dtype=float)
    return np.abs(values) if key == VOLUMES else values


def _of_found(values: list[bool], found: NDArray[np.bool_]) -> list[float | None]:
    return [float(value) if one else None for value, one in zip(values, found, strict=True)]
