"""The search for the plane of symmetry, coarse to fine.

A candidate is (yaw, roll, offset), for a slice (yaw, offset): degrees, and mm from the brain's centre. Every step
is mirror-symmetric, and nothing is random but the fixed scatter of the points.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence

import numpy as np
import torch

from .ascent import ascend
from .plane import MidsagittalPlane
from .pyramid import Level
from .symmetry import agreement, difference_scale, likeness, mirrored_pairs

__all__ = ["correlate", "plausibility", "search"]


VOLUME_STEP, SLICE_STEP = 6.0, 3.0
"""Of the grid of candidates that a search starts from, degrees and mm."""

KEPT = 60
"""Candidates of a volume that are looked at again on the second copy: on the first one, folds are hardly seen."""

VOLUME_STARTS, SLICE_STARTS = 3, 6
"""Candidates that are followed up."""

SETTLED = 2
"""Candidates of a volume that are sharpened."""

SLICE_WIDTHS = 2.0
"""Width of the weight round the plane on a slice's first look: a slice has too few folds for the whole to be
trusted."""

VOLUME_OUTLINE, SLICE_OUTLINE = 2.0, 5.0
"""Weight of the overlap of the outlines, beside the correlation: folds may repeat themselves at a wrong tilt, but the
outline then doesn't fit. In a slice a large lesion can outweigh all folds."""

MOST_YAW, MOST_OFFSET = 30.0, 12.0
"""Reach of the first look: yaw and roll, degrees, and distance from the brain's centre of mass, mm."""

SETTLING_STEP = 3.0
"""Step of the ascent of a volume's candidates on the second copy, degrees and mm alike."""

COARSE_STEPS = (1.5, 0.75)
"""Steps of the ascent at the last but one level."""

FINE_STEPS = (0.8, 0.4, 0.2)
"""Steps at the last level."""

MOST_TILT = 40.0
"""A candidate that has walked beyond this yaw or roll is no mid-sagittal plane, degrees."""

SAME = 0.75
"""Candidates no farther apart than this, degrees and mm, have walked to the same place."""


def search(levels: Sequence[Level]) -> list[np.ndarray]:
    """Find the candidates for the plane of symmetry, the most plausible first.

    Args:
        levels: of ``build_pyramid``.
    """
    *_, second, fine = levels
    candidates = _start_slice(second) if fine.is_slice else _start_volume(levels)
    for level, steps in ((second, COARSE_STEPS), (fine, FINE_STEPS)):
        candidates = _apart([_sharpen(level, candidate, steps) for candidate in candidates], SAME)
    return _by_plausibility(fine, _upright(candidates))


def plausibility(level: Level, candidate: np.ndarray) -> float:
    """Judge a candidate: the two sides should be alike near the midline, and in outline."""
    plane = level.plane(candidate)
    return float(_score(level, mirrored_pairs(level, plane), [plane], widths=1.0)[0])


def correlate(level: Level, plane: MidsagittalPlane) -> float:
    """Correlate a brain with its mirror image about a plane."""
    return float(likeness(level, mirrored_pairs(level, plane), [plane])[0][0])


def _start_volume(levels: Sequence[Level]) -> list[np.ndarray]:
    """The best candidates of a grid of tilts and offsets, brought to the top of the whole brain's correlation.

    A brain seen from the front is nearly round: on the first copy more than one tilt looks right, so that many
    candidates, and no ascent on that copy, go on to the second one.
    """
    first, second = levels[0], levels[1]
    grid = _best(first, _grid(3, VOLUME_STEP))[:KEPT]
    starts = _apart(_best(second, grid), 1.5 * VOLUME_STEP)[:VOLUME_STARTS]
    settled = _upright(_apart([_settle(second, start) for start in starts], SAME))
    return _by_plausibility(second, settled)[:SETTLED]


def _start_slice(level: Level) -> list[np.ndarray]:
    """The best candidates of a grid of turns and offsets."""
    return _apart(_best(level, _grid(2, SLICE_STEP), SLICE_WIDTHS), 1.5 * SLICE_STEP)[:SLICE_STARTS]


def _grid(axes: int, step: float) -> np.ndarray:
    tilts, offsets = (np.arange(-most, most + 1e-6, step) for most in (MOST_YAW, MOST_OFFSET))
    return np.array(list(itertools.product(*[tilts] * (axes - 1), offsets)))


def _best(level: Level, candidates: np.ndarray, widths: float | None = None) -> np.ndarray:
    """The candidates (K, n), the most alike halves first; all are seen with the same pairs of points."""
    pairs = mirrored_pairs(level, level.plane(np.zeros(candidates.shape[1])))
    scores = _score(level, pairs, [level.plane(candidate) for candidate in candidates], widths)
    return candidates[np.argsort(-scores, kind="stable")]


def _score(level: Level, pairs: torch.Tensor, planes: Sequence[MidsagittalPlane], widths: float | None) -> np.ndarray:
    """Likeness of the halves (K,), in values and in outline."""
    correlation, overlap = likeness(level, pairs, planes, widths)
    return correlation + (SLICE_OUTLINE if level.is_slice else VOLUME_OUTLINE) * overlap


def _settle(level: Level, candidate: np.ndarray) -> np.ndarray:
    """Climb to the highest correlation of the whole brain."""
    pairs = mirrored_pairs(level, level.plane(candidate))

    def score(candidates: np.ndarray) -> np.ndarray:
        return likeness(level, pairs, [level.plane(candidate) for candidate in candidates])[0]

    return ascend(score, candidate, SETTLING_STEP)


def _sharpen(level: Level, candidate: np.ndarray, steps: Sequence[float]) -> np.ndarray:
    """Climb to the highest robust agreement near the midline, by ever smaller steps."""
    for step in steps:
        candidate = ascend(_agreement(level, level.plane(candidate)), candidate, step)
    return candidate


def _agreement(level: Level, plane: MidsagittalPlane) -> Callable[[np.ndarray], np.ndarray]:
    """The mean agreement of the pairs near a plane, as a function of candidates (K, n)."""
    pairs = mirrored_pairs(level, plane, near=True)
    scale = difference_scale(level, pairs, plane)

    def score(candidates: np.ndarray) -> np.ndarray:
        alike, weight = agreement(level, pairs, [level.plane(candidate) for candidate in candidates], scale)
        return ((alike * weight).double().sum(dim=1) / weight.double().sum(dim=1)).cpu().numpy()

    return score


def _apart(candidates: Sequence[np.ndarray] | np.ndarray, reach: float) -> list[np.ndarray]:
    """The candidates that are no neighbours of an earlier one."""
    kept: list[np.ndarray] = []
    for candidate in candidates:
        if all((np.abs(candidate - other) > reach).any() for other in kept):
            kept.append(candidate)
    return kept


def _upright(candidates: list[np.ndarray]) -> list[np.ndarray]:
    """The candidates that have not walked beyond any head's tilt; all of them if none is left."""
    return [candidate for candidate in candidates if np.abs(candidate[:-1]).max() <= MOST_TILT] or candidates


def _by_plausibility(level: Level, candidates: list[np.ndarray]) -> list[np.ndarray]:
    return sorted(candidates, key=lambda candidate: -plausibility(level, candidate))
