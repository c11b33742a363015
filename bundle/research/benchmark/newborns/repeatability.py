"""Part ``repeatability``: the same head in several poses, with thin and thick slices, and mirrored."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from monai.data import MetaTensor

from scripts.network.score import SIDES

from . import estimate
from .by_size import Rows, groups
from .dataset import Case
from .each_case import Measured, measure_each
from .poses import motions, moved
from .scored import score_scan
from .slice_profile import THICKNESS_MM, thick_slices
from .voxels import mirrored, read_scan

RESAMPLINGS: dict[str, float | None] = {"as it is": None, "thick slices": THICKNESS_MM / 4}
"""How a moved head is scanned again: the step of the grid across axial slices, mm; None: that of the scan. Thick slices
are averages of finer ones, so that the head is interpolated once."""

MIRRORED = 1
"""Number of poses that are also mirrored: the mirror image of one pose is as good a test as that of another."""

OPPOSITE = dict(zip(SIDES, SIDES[::-1], strict=True))
"""Side in a mirror image -> side in the scan."""


def measure(cases: list[Case], folder: Path, at_once: int | None = None) -> Measured:
    """Score every scan in all poses, resamplings and mirror images; see :func:`summary`."""
    return measure_each(_scan, cases, folder, at_once)


def summary(rows: Rows) -> dict[str, Any]:
    """Summarise what was measured.

    Returns:
        JSON-safe, for each group of scans and resampling: ``sd``, the standard deviation of the scan's score (a logit)
        over the poses, the mean over scans; ``side_flips``, the share of images above the network's threshold whose
        side is not the one of most such images of the scan; ``mirror_difference``, the mean absolute difference of the
        scores of an image and its mirror image, and ``mirror_difference_worst``; ``mirror_side_opposite``, the share of
        images whose mirror image has the opposite side.
    """
    return {
        name: {resampling: _summary(part, resampling) for resampling in RESAMPLINGS}
        for name, part in groups(rows).items()
    }


def _summary(rows: Rows, resampling: str) -> dict[str, Any]:
    subjects = [row["subject"] for row in rows]
    each = [
        [
            _of_scan([{**image, **image["runs"][k]} for image in row["images"] if image["resampling"] == resampling])
            for row in rows
        ]
        for k in range(len(rows[0]["images"][0]["runs"]))
    ]
    names = ("sd", "side_flips", "mirror_difference", "mirror_side_opposite")
    worst = max(scan["mirror_difference_worst"] for run in each for scan in run)
    means = {name: estimate.mean([[scan[name] for scan in run] for run in each], subjects) for name in names}
    return {"scans": len(rows), **means, "mirror_difference_worst": worst}


def _of_scan(images: list[dict[str, Any]]) -> dict[str, Any]:
    """Compare the images of a scan."""
    plain = {image["pose"]: image for image in images if not image["mirrored"]}
    mirror = {image["pose"]: image for image in images if image["mirrored"]}
    difference = [abs(plain[pose]["score"] - image["score"]) for pose, image in mirror.items()]
    opposite = [plain[pose]["side"] == OPPOSITE.get(image["side"], image["side"]) for pose, image in mirror.items()]
    sides = [image["side"] for image in plain.values() if image["above"]]
    sides += [OPPOSITE.get(image["side"], image["side"]) for image in mirror.values() if image["above"]]
    most = max(map(sides.count, sides), default=0)
    return {
        "sd": float(np.std([image["score"] for image in plain.values()], ddof=1)),
        "side_flips": 1 - most / len(sides) if sides else None,
        "mirror_difference": float(np.mean(difference)),
        "mirror_difference_worst": max(difference),
        "mirror_side_opposite": float(np.mean(opposite)),
    }


def _scan(case: Case) -> dict[str, Any]:
    """Score all images of a scan."""
    keys = ("score", "side", "above")
    return {
        "images": [
            {
                **which,
                "runs": [{key: score[key] for key in keys} for score in score_scan(image, case["networks"])],  # type: ignore[literal-required]
            }
            for which, image in _images(read_scan(case["image"]))
        ]
    }


def _images(scan: MetaTensor) -> Iterator[tuple[dict[str, Any], MetaTensor]]:
    for pose, motion in enumerate(motions()):
        for resampling, step in RESAMPLINGS.items():
            image = moved(scan, motion, step)
            image = image if step is None else thick_slices(image, axis=2)
            which = {"resampling": resampling, "pose": pose}
            yield {**which, "mirrored": False}, image
            if pose < MIRRORED:
                yield {**which, "mirrored": True}, mirrored(image)
