"""How well each pathology is seen: scans with it against the same scans without it."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from scripts.evaluation.measures import STATED_FPR
from scripts.evaluation.roc import performance, share_above

from ..newborns import estimate
from ..newborns.by_size import Rows, groups
from . import BILATERAL
from .scan import NORMAL


def summary(rows: Rows) -> dict[str, Any]:
    """Summarise what :func:`.scan.score_kind` returned for every scan and kind.

    Returns:
        JSON-safe: group of scans -> kind -> level -> ``scans``; ``auc`` of the scan against normal scans of the group;
        ``baseline_auc`` of the difference of the hemispheres' volumes alone, which learns nothing; ``sensitivity`` at
        5 % of the normal scans; of those found so, ``side_correct`` and ``hit``, a peak inside the pathology or within
        5 mm. Of both sides alike: ``above``, the share found. All with 95 % intervals over subjects; the runs (seeds)
        are averaged.
    """
    return {name: _group(part) for name, part in groups(rows).items()}


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
    aucs, by_volume, sensitivities, side, hit = [], [], [], [], []
    for k in range(len(images[0]["runs"])):
        run = [image["runs"][k] for image in images]
        scores = np.array([one["score"] for one in run])
        normal_run = [row["images"][0]["runs"][k] for row in normal]
        without = np.array([one["score"] for one in normal_run])
        threshold = float(np.quantile(without, 1 - STATED_FPR, method="weibull"))
        aucs.append(performance(scores, index, without, of_normal, threshold)["auc"])
        ill, well = (np.array([abs(one["volume_index"]) for one in part]) for part in (run, normal_run))
        by_volume.append(performance(ill, index, well, of_normal, 0.0)["auc"])
        sensitivities.append(share_above(scores, index, threshold, len(subjects)))
        found = scores > threshold
        side.append(_of_found([one["side"] == image["side"] for one, image in zip(run, images, strict=True)], found))
        hit.append(_of_found([one["hit"] for one in run], found))
    if level == BILATERAL:
        return {"scans": len(images), "above": estimate.as_json(sensitivities)}
    return {
        "scans": len(images),
        "severity": images[0]["severity"],
        "auc": estimate.as_json(aucs),
        "baseline_auc": estimate.as_json(by_volume),
        "sensitivity": estimate.as_json(sensitivities),
        "side_correct": estimate.mean(side, names),
        "hit": estimate.mean(hit, names),
    }


def _of_found(values: list[bool], found: NDArray[np.bool_]) -> list[float | None]:
    return [float(value) if one else None for value, one in zip(values, found, strict=True)]
