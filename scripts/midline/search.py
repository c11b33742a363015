"""The search for the plane of symmetry, coarse to fine.

A candidate is (yaw, roll, offset), for a slice (yaw, offset): degrees, and mm from the brain's centre. Every step
is mirror-symmetric, and nothing is random but the fixed scatter of the points.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from .ascent import ascend
from .plane import MidsagittalPlane
from .pyramid import Level
from .symmetry import agreement, correlation, difference_scale, mirrored_pairs, outline_overlap

__all__ = ["correlate", "plausibility", "search"]


class FirstLook(NamedTuple):
    """The grid of candidates that a search starts from.

    Attributes:
        level: of the pyramid.
        step: between candidates, degrees and mm.
        starts: candidates that are followed up.
        widths: of the correlation's weight round the plane, see ``correlation``; None weighs the whole brain.
    """

    level: int
    step: float
    starts: int
    widths: float | None


VOLUME = FirstLook(level=0, step=6.0, starts=5, widths=None)
SLICE = FirstLook(level=1, step=3.0, starts=8, widths=2.0)
"""A slice has too few folds for the whole to be trusted: what lies near its midline must show the way."""

MOST_YAW, MOST_OFFSET = 30.0, 12.0
"""Reach of the first look: yaw and roll, degrees, and distance from the brain's centre of mass, mm."""

COARSE_STEPS = ((3.0, 1.5), (1.5, 0.75))
"""Steps of the ascent at the first two levels, degrees and mm alike."""

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
    *coarse, fine = levels
    if fine.is_slice:
        candidates = _first_look(coarse[SLICE.level], SLICE)
    else:
        candidates = _first_look(coarse[VOLUME.level], VOLUME)
        # A brain seen from the front is nearly round: more than one tilt looks right until the folds are seen.
        for level, steps in zip(coarse, COARSE_STEPS, strict=True):
            candidates = _apart([_settle(level, candidate, steps) for candidate in candidates], SAME)
    for level, finer in ((coarse[-1], COARSE_STEPS[-1]), (fine, FINE_STEPS)):
        candidates = _apart([_sharpen(level, candidate, finer) for candidate in candidates], SAME)
    candidates = [candidate for candidate in candidates if np.abs(candidate[:-1]).max() <= MOST_TILT] or candidates
    return sorted(candidates, key=lambda candidate: -plausibility(fine, candidate))


def plausibility(level: Level, candidate: np.ndarray) -> float:
    """Judge a candidate: the two sides should be alike near the midline, and in outline."""
    plane = level.plane(candidate)
    pairs = mirrored_pairs(level, plane)
    return float(correlation(level, pairs, [plane], widths=1.0)[0]) + outline_overlap(level, pairs, plane)


def correlate(level: Level, plane: MidsagittalPlane) -> float:
    """Correlate a brain with its mirror image about a plane."""
    return float(correlation(level, mirrored_pairs(level, plane), [plane])[0])


def _first_look(level: Level, look: FirstLook) -> list[np.ndarray]:
    """The best candidates of a grid of tilts and offsets that are no neighbours of a better one."""
    tilts, offsets = (np.arange(-most, most + 1e-6, look.step) for most in (MOST_YAW, MOST_OFFSET))
    axes = (tilts, offsets) if level.is_slice else (tilts, tilts, offsets)
    grid = np.array(list(itertools.product(*axes)))
    pairs = mirrored_pairs(level, level.plane(np.zeros(len(axes))))
    scores = correlation(level, pairs, [level.plane(candidate) for candidate in grid], look.widths)
    return _apart(grid[np.argsort(-scores, kind="stable")], 1.5 * look.step)[: look.starts]


def _settle(level: Level, candidate: np.ndarray, steps: Sequence[float]) -> np.ndarray:
    """Climb to the highest correlation of the whole brain, by ever smaller steps."""
    for step in steps:
        pairs = mirrored_pairs(level, level.plane(candidate))

        def score(candidates: np.ndarray, pairs=pairs) -> np.ndarray:
            return correlation(level, pairs, [level.plane(candidate) for candidate in candidates])

        candidate = ascend(score, candidate, step)
    return candidate


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
