"""The search for the plane of symmetry, coarse to fine.

A candidate is (yaw, roll, offset), for a slice (yaw, offset): degrees, and mm from the brain's centre. Every step is
mirror-symmetric, and nothing is random but the positions of the points, whose seed is fixed.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence

import numpy as np
import torch

from .ascent import ascend
from .plane import MidsagittalPlane
from .pyramid import Level
from .symmetry import agreement, difference_scale, mirrored_pairs, similarity

__all__ = ["correlate", "plausibility", "search"]


VOLUME_STEP, SLICE_STEP = 6.0, 3.0
"""Step of the grid of candidates at the start of a search, degrees and mm."""

KEPT = 60
"""Number of a volume's candidates that are scored again on the second copy: the first one hardly shows folds."""

VOLUME_STARTS, SLICE_STARTS = 3, 6
"""Number of candidates that are improved."""

REFINED = 2
"""Number of a volume's candidates that are refined near the midline."""

SLICE_WIDTHS = 2.0
"""Width of the weight around the plane in the first step of a slice: it has too few folds to use all of it."""

VOLUME_OUTLINE, SLICE_OUTLINE = 2.0, 5.0
"""Weight of the overlap of the outlines beside the correlation: folds may correlate at a wrong tilt, but then the
outlines don't overlap. In a slice a large lesion can outweigh all folds."""

MOST_YAW, MOST_OFFSET = 30.0, 12.0
"""Range of the grid: yaw and roll, degrees, and distance from the brain's centre of mass, mm."""

CORRELATION_STEP = 3.0
"""Step of the ascent of a volume's candidates on the second copy, degrees and mm."""

COARSE_STEPS = (1.5, 0.75)
"""Steps of the ascent at the last but one level."""

FINE_STEPS = (0.8, 0.4, 0.2)
"""Steps at the last level."""

MOST_TILT = 40.0
"""A candidate beyond this yaw or roll after an ascent is not a mid-sagittal plane, degrees."""

SAME = 0.75
"""Candidates that differ by no more than this, degrees and mm, count as the same."""


def search(levels: Sequence[Level]) -> list[np.ndarray]:
    """Return the candidates for the plane of symmetry, the most plausible first.

    Args:
        levels: of ``pyramid.build_pyramid``.
    """
    *_, second, fine = levels
    candidates = _start_slice(second) if fine.is_slice else _start_volume(levels)
    for level, steps in ((second, COARSE_STEPS), (fine, FINE_STEPS)):
        candidates = _distinct([_refine(level, candidate, steps) for candidate in candidates], SAME)
    return _by_plausibility(fine, _upright(candidates))


def plausibility(level: Level, candidate: np.ndarray) -> float:
    """Score a candidate: the two sides should be similar near the midline, and in outline."""
    plane = level.plane(candidate)
    return float(_score(level, mirrored_pairs(level, plane), [plane], widths=1.0)[0])


def correlate(level: Level, plane: MidsagittalPlane) -> float:
    """Correlate a brain with its mirror image about a plane."""
    return float(similarity(level, mirrored_pairs(level, plane), [plane])[0][0])


def _start_volume(levels: Sequence[Level]) -> list[np.ndarray]:
    """The best candidates of a grid of tilts and offsets, each at a maximum of the whole brain's correlation.

    A brain seen from the front is nearly round: on the first copy several tilts are similar, so that many candidates,
    without an ascent, are scored again on the second copy.
    """
    first, second = levels[0], levels[1]
    grid = _best(first, _grid(3, VOLUME_STEP))[:KEPT]
    starts = _distinct(_best(second, grid), 1.5 * VOLUME_STEP)[:VOLUME_STARTS]
    climbed = _upright(_distinct([_climb(second, start) for start in starts], SAME))
    return _by_plausibility(second, climbed)[:REFINED]


def _start_slice(level: Level) -> list[np.ndarray]:
    """The best candidates of a grid of yaw and offset."""
    return _distinct(_best(level, _grid(2, SLICE_STEP), SLICE_WIDTHS), 1.5 * SLICE_STEP)[:SLICE_STARTS]


def _grid(axes: int, step: float) -> np.ndarray:
    """A grid of candidates (K, axes)."""
    tilts, offsets = (np.arange(-most, most + 1e-6, step) for most in (MOST_YAW, MOST_OFFSET))
    return np.array(list(itertools.product(*[tilts] * (axes - 1), offsets)))


def _best(level: Level, candidates: np.ndarray, widths: float | None = None) -> np.ndarray:
    """The candidates (K, n) sorted by score, the best first; all are scored with the same pairs of points."""
    pairs = mirrored_pairs(level, level.plane(np.zeros(candidates.shape[1])))
    scores = _score(level, pairs, [level.plane(candidate) for candidate in candidates], widths)
    return candidates[np.argsort(-scores, kind="stable")]


def _score(level: Level, pairs: torch.Tensor, planes: Sequence[MidsagittalPlane], widths: float | None) -> np.ndarray:
    """Similarity of the two sides (K,), in intensities and in outline."""
    correlation, overlap = similarity(level, pairs, planes, widths)
    return correlation + (SLICE_OUTLINE if level.is_slice else VOLUME_OUTLINE) * overlap


def _climb(level: Level, candidate: np.ndarray) -> np.ndarray:
    """Improve a candidate by the correlation of the whole brain."""
    pairs = mirrored_pairs(level, level.plane(candidate))

    def score(candidates: np.ndarray) -> np.ndarray:
        return similarity(level, pairs, [level.plane(candidate) for candidate in candidates])[0]

    return ascend(score, candidate, CORRELATION_STEP)


def _refine(level: Level, candidate: np.ndarray, steps: Sequence[float]) -> np.ndarray:
    """Improve a candidate by the robust agreement near the midline, with smaller and smaller steps."""
    for step in steps:
        candidate = ascend(_agreement(level, level.plane(candidate)), candidate, step)
    return candidate


def _agreement(level: Level, plane: MidsagittalPlane) -> Callable[[np.ndarray], np.ndarray]:
    """The mean agreement of the pairs near a plane, as a function of candidates (K, n)."""
    pairs = mirrored_pairs(level, plane, near=True)
    scale = difference_scale(level, pairs, plane)

    def score(candidates: np.ndarray) -> np.ndarray:
        agree, weight = agreement(level, pairs, [level.plane(candidate) for candidate in candidates], scale)
        return ((agree * weight).double().sum(dim=1) / weight.double().sum(dim=1)).cpu().numpy()

    return score


def _distinct(candidates: Sequence[np.ndarray] | np.ndarray, distance: float) -> list[np.ndarray]:
    """The candidates that are farther than a distance from every earlier one."""
    kept: list[np.ndarray] = []
    for candidate in candidates:
        if all((np.abs(candidate - earlier) > distance).any() for earlier in kept):
            kept.append(candidate)
    return kept


def _upright(candidates: list[np.ndarray]) -> list[np.ndarray]:
    """The candidates with a tilt that a head can have; all of them if there is none."""
    return [candidate for candidate in candidates if np.abs(candidate[:-1]).max() <= MOST_TILT] or candidates


def _by_plausibility(level: Level, candidates: list[np.ndarray]) -> list[np.ndarray]:
    """The candidates, the most plausible first."""
    return sorted(candidates, key=lambda candidate: -plausibility(level, candidate))
