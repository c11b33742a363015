"""Maximise a smooth function: by steps to the best neighbour, then by the paraboloid through the neighbours."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import numpy as np

__all__ = ["ascend", "neighbours", "paraboloid_top"]

MOVES = 6
"""Largest number of steps of an ascent."""


def neighbours(axes: int) -> np.ndarray:
    """Return the 3^n neighbours of a point, the point itself among them, in steps: (3^n, n)."""
    return np.array(list(itertools.product((-1.0, 0.0, 1.0), repeat=axes)))


def ascend(score: Callable[[np.ndarray], np.ndarray], start: np.ndarray, step: float) -> np.ndarray:
    """Move to the best neighbour as long as there is a better one, then to the maximum of the paraboloid.

    Args:
        score: function of points (K, n) that returns their scores (K,).
        start: (n,).
        step: distance of the neighbours, the same along every axis.

    Returns:
        (n,) the position of the maximum; mirror-symmetric if the score is.
    """
    design = neighbours(len(start))
    for _ in range(MOVES):
        scores = score(start + step * design)
        winner = design[int(np.argmax(scores))]
        if not winner.any():
            return start + step * np.nan_to_num(paraboloid_top(scores))
        start = start + step * winner
    return start


def paraboloid_top(scores: np.ndarray) -> np.ndarray:
    """Return the maximum of the paraboloid that fits the scores of all neighbours best.

    Args:
        scores: (3^n,) in the order of :func:`neighbours`.

    Returns:
        (n,) in steps, each within -1..1; NaN if the paraboloid has no maximum.
    """
    axes = round(np.log(len(scores)) / np.log(3))
    design = neighbours(axes)
    pairs = list(itertools.combinations_with_replacement(range(axes), 2))
    products = [design[:, i] * design[:, j] for i, j in pairs]
    fit = np.linalg.lstsq(np.column_stack([np.ones(len(design)), design, *products]), scores, rcond=None)[0]
    curvature = np.zeros((axes, axes))
    for (i, j), value in zip(pairs, fit[1 + axes :], strict=True):
        curvature[i, j] += value
        curvature[j, i] += value
    if np.linalg.eigvalsh(curvature)[-1] >= 0:
        return np.full(axes, np.nan)
    return np.clip(-np.linalg.solve(curvature, fit[1 : 1 + axes]), -1, 1)
