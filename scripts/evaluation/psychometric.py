"""The psychometric curve: sensitivity over lesion size, and the size at which it reaches a level."""

from __future__ import annotations

from typing import TypedDict

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm

from .measures import STATED_FPR

LEVELS = (0.5, 0.75, 0.9)
"""Sensitivities for which the size is stated."""

MIDDLES, WIDTHS = 240, 40
"""Number of curves that are tried: positions along the logarithm of the size, and widths."""

STEEPEST, FLATTEST = 0.05, 3.0
"""Smallest and largest standard deviation of the curve, in natural logarithms of the size."""


class Curve(TypedDict):
    """A cumulative normal curve over the logarithm of the size.

    Attributes:
        middle: size at half of the rise, in mm or mm².
        width: standard deviation, in natural logarithms of the size.
    """

    middle: float
    width: float


class Psychometric(TypedDict):
    """Which sizes of one lesion type are detected.

    Attributes:
        curve: the fitted curve.
        sizes: sensitivity ("0.5", "0.75", "0.9") -> the size at which the curve reaches it, with the lower and upper
            bound of its 95 % confidence interval over subjects. None: larger than the largest size tested.
    """

    curve: Curve
    sizes: dict[str, list[float | None]]


def psychometric(
    sizes: NDArray[np.float64], sensitivity: NDArray[np.float64], counts: NDArray[np.int64]
) -> Psychometric:
    """Fit a cumulative normal curve over the logarithm of the size to sensitivities at 5 % false-positive rate.

    The curve rises from the false-positive rate to 1 (Wichmann & Hill 2001, doi:10.3758/BF03194544). It is the most
    likely one on a grid, so that the fit of a thousand resamples is one product of matrices.

    Args:
        sizes: (S,), in mm or mm².
        sensitivity: (S, 1 + R), of all subjects first, then of R resamples of them, see
            :func:`scripts.evaluation.roc.performance`.
        counts: number of lesions of each size (S,).

    Returns:
        Plain numbers for JSON.
    """
    reach = np.log(sizes.min() / 2), np.log(2 * sizes.max())
    middle, width = (
        axis.ravel()
        for axis in np.meshgrid(np.linspace(*reach, MIDDLES), np.geomspace(STEEPEST, FLATTEST, WIDTHS), indexing="ij")
    )
    curves = curve(sizes[:, None], np.exp(middle), width).clip(1e-4, 1 - 1e-4)  # (S, curves)
    # A resample without lesions of a size (NaN) says nothing about that size: it adds neither hits nor misses.
    lesions = np.isfinite(sensitivity) * counts[:, None]
    hits = np.nan_to_num(sensitivity) * lesions
    likelihood = hits.T @ np.log(curves) + (lesions - hits).T @ np.log1p(-curves)
    best = likelihood.argmax(axis=1)
    by_level: dict[str, list[float | None]] = {}
    for level in LEVELS:
        rise = norm.ppf((level - STATED_FPR) / (1 - STATED_FPR))
        reached = np.exp(middle[best] + width[best] * rise)
        estimates = [reached[0], *np.percentile(reached[1:], [2.5, 97.5])]
        by_level[f"{level:g}"] = [round(float(size), 2) if size <= sizes.max() else None for size in estimates]
    return {
        "curve": {"middle": round(float(np.exp(middle[best[0]])), 4), "width": round(float(width[best[0]]), 4)},
        "sizes": by_level,
    }


def curve(size: NDArray[np.float64], middle: NDArray[np.float64], width: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the sensitivity at 5 % false-positive rate that a fitted curve expects at a size."""
    return STATED_FPR + (1 - STATED_FPR) * norm.cdf(np.log(size / middle) / width)
