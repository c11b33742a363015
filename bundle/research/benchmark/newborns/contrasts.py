"""Part ``contrasts``: the T1- and the T2-weighted scan of the same newborn, without a lesion. Do they say the same?"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import torch
from monai.data import MetaTensor
from monai.transforms import ResampleToMatch
from numpy.typing import NDArray

from scripts.midline.plane import MidsagittalPlane
from scripts.network.score import UNKNOWN

from . import estimate
from .by_size import Rows
from .dataset import Session
from .each_case import Measured, measure_each
from .movement import movement
from .scored import evidence, on_scan_grid, prepared_for, score_pair
from .voxels import as_scan, read_scan

SAME_DEGREES, SAME_MM = 0.5, 0.4
"""Planes that differ by no more than this, in angle and at the brain's centre, count as the same."""

FLOOR = 1e-6
"""Probabilities of a map are kept this far from 0 and 1, so that their logits are finite."""

MEANS = (
    "same_side",
    "same_side_if_named",
    "same_side_if_above",
    "map_correlation",
    "moved_degrees",
    "moved_mm",
    "plane_degrees",
    "plane_mm",
    "plane_degrees_in_head",
    "plane_mm_in_head",
    "same_plane",
    "dice",
)
"""Measures of a session, of which the mean is given."""


def measure(sessions: list[Session], folder: Path, at_once: int | None = None) -> Measured:
    """Compare both scans of every session; see :func:`summary`."""
    return measure_each(_session, sessions, folder, at_once)


def summary(rows: Rows) -> dict[str, Any]:
    """Summarise what was measured.

    Returns:
        JSON-safe: ``same_side``, the share of sessions in which both scans name the same side; the same of those where
        both name one, and where both are above the network's threshold; ``score_correlation`` of the scans' scores
        (Spearman); ``map_correlation``, the mean correlation of the maps (logits) within both masks; ``moved_degrees``
        and ``moved_mm``, by how much the head turned and moved between both scans; ``plane_degrees`` between the
        mid-sagittal planes, ``plane_mm`` between them at the brain's centre; the same ``in_head``, without the
        movement; ``same_plane``, the share of sessions in which these are within ``SAME_DEGREES`` and ``SAME_MM``;
        ``dice`` of the masks.
    """
    subjects, runs = [row["subject"] for row in rows], range(len(rows[0]["runs"]))
    scores = [np.array([row["runs"][k]["score"] for row in rows]) for k in runs]  # each (sessions, 2)
    means = {name: estimate.mean([[row["runs"][k][name] for row in rows] for k in runs], subjects) for name in MEANS}
    return {
        "sessions": len(rows),
        "subjects": len(set(subjects)),
        "score_correlation": estimate.measure([_rank_correlation(score) for score in scores], subjects),
        **means,
    }


def _rank_correlation(scores: NDArray[np.float64]) -> Any:
    from scipy.stats import rankdata

    def correlation(rows: NDArray[np.int64]) -> float:
        return pearson(*(rankdata(column) for column in scores[rows].T))

    return correlation


def pearson(first: NDArray[np.float64], second: NDArray[np.float64]) -> float:
    """Return the correlation of two columns (N,); NaN if one is constant."""
    if len(first) < 2 or np.ptp(first) == 0 or np.ptp(second) == 0:
        return float("nan")
    return float(np.corrcoef(first, second)[0, 1])


def _session(session: Session) -> dict[str, Any]:
    both = [list(prepared_for(scan["image"], session["networks"])) for scan in session["scans"]]
    scans, masks = [read_scan(scan["image"]) for scan in session["scans"]], [made[0][1]["brain_mask"] for made in both]
    brains = [as_scan(scan * (mask > 0), scan.affine) for scan, mask in zip(scans, masks, strict=True)]
    motion = movement(*brains)
    return {"runs": [_compare(first, second, motion) for first, second in zip(*both, strict=True)]}


def _compare(first: Any, second: Any, motion: NDArray[np.float64]) -> dict[str, Any]:
    """Compare two scans as preprocessed for a network; the head moved between them."""
    scores, maps, masks = [], [], []
    for network, data in (first, second):
        pred = evidence(data["image"], network.model)
        scores.append(score_pair(data["image"], pred, *network))
        map_, mask = on_scan_grid(data, pred, network.skull_strip)
        maps.append(map_)
        masks.append(mask)
    sides = [score["side"] for score in scores]
    same = sides[0] == sides[1] != UNKNOWN
    planes = [MidsagittalPlane.from_mapping(data["image"].meta["midline"]) for _, data in (first, second)]
    inside = [mask.as_tensor()[0] > 0 for mask in (masks[0], _on_grid_of(masks[1], masks[0], "nearest"))]
    voxels = [map_.as_tensor()[0] for map_ in (maps[0], _on_grid_of(maps[1], maps[0], "bilinear"))]
    shared = inside[0] & inside[1]
    logits = [torch.logit(map_[shared].double(), eps=FLOOR).numpy() for map_ in voxels]
    affine = np.asarray(masks[0].affine, dtype=np.float64)
    centre = affine[:3, :3] @ np.argwhere(inside[0].numpy()).mean(axis=0) + affine[:3, 3]
    still = planes[1].mapped(np.linalg.inv(motion))  # where it would be, had the head lain still
    (degrees, distance), (degrees_in_head, distance_in_head) = (
        (planes[0].angle_to(other), abs(planes[0].distance_to(centre) - other.distance_to(centre)))
        for other in (planes[1], still)
    )
    return {
        "score": [score["score"] for score in scores],
        "side": sides,
        "same_side": same,
        "same_side_if_named": same if UNKNOWN not in sides else None,
        "same_side_if_above": same if all(score["above"] for score in scores) else None,
        "map_correlation": _finite(pearson(*logits)),
        "moved_degrees": float(np.degrees(np.arccos(np.clip((np.trace(motion[:3, :3]) - 1) / 2, -1, 1)))),
        "moved_mm": float(np.linalg.norm(motion[:3, :3] @ centre + motion[:3, 3] - centre)),
        "plane_degrees": degrees,
        "plane_mm": distance,
        "plane_degrees_in_head": degrees_in_head,
        "plane_mm_in_head": distance_in_head,
        "same_plane": degrees_in_head <= SAME_DEGREES and distance_in_head <= SAME_MM,
        "dice": 2 * float(shared.sum()) / float(inside[0].sum() + inside[1].sum()),
    }


def _on_grid_of(image: MetaTensor, other: MetaTensor, mode: str) -> MetaTensor:
    """An image on the grid of another one; as it is, if it is there already."""
    if image.shape == other.shape and torch.allclose(image.affine, other.affine, atol=1e-3):
        return image
    moved: Any = ResampleToMatch(mode=mode, padding_mode="zeros")(image.float(), other)
    return moved


def _finite(value: float) -> float | None:
    return value if np.isfinite(value) else None
