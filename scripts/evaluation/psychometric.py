"""How small an asymmetry is seen: the psychometric curve of sensitivity over size, and where it crosses a level."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm

from .roc import FALSE_POSITIVES

LEVELS = (0.5, 0.75, 0.9)
"""Sensitivities of which the size is stated."""

MIDDLES, WIDTHS = 240, 40
"""Curves that are tried: places along the logarithm of the size, and steepnesses."""

STEEPEST, FLATTEST = 0.05, 3.0
"""Standard deviations of the curve, in natural logarithms of the size."""


def psychometric(
    sizes: NDArray[np.float64], sensitivity: NDArray[np.float64], counts: NDArray[np.int64]
) -> dict[str, Any]:
    """Fit a cumulative normal curve over the logarithm of the size to sensitivities at 5 % false positives.

    The curve rises from the share of false positives to 1 (Wichmann & Hill 2001, doi:10.3758/BF03194544); it is the
    most likely one of a grid, so that a thousand resamples cost a product of matrices.

    Args:
        sizes: (S,), in mm or mm².
        sensitivity: (S, 1 + R), of all subjects first, then of R resamples of them (``performance``).
        counts: (S,) lesions of each size.

    Returns:
        JSON-safe: ``curve`` with ``middle`` (the size where half of the rise is done) and ``width`` (standard deviation
        of ln size), and ``sizes``: for each of ``LEVELS`` the size, with its 95 % interval over subjects, None where it
        lies beyond the largest size.
    """
    reach = np.log(sizes.min() / 2), np.log(2 * sizes.max())
    middle, width = (
        axis.ravel()
        for axis in np.meshgrid(np.linspace(*reach, MIDDLES), np.geomspace(STEEPEST, FLATTEST, WIDTHS), indexing="ij")
    )
    curves = curve(sizes[:, None], np.exp(middle), width).clip(1e-4, 1 - 1e-4)  # (S, curves)
    # A resample may hold no lesion of a size (NaN): it then says nothing about that size, neither hit nor miss.
    shown = np.isfinite(sensitivity) * counts[:, None]
    hits = np.nan_to_num(sensitivity) * shown
    likelihood = hits.T @ np.log(curves) + (shown - hits).T @ np.log1p(-curves)
    best = likelihood.argmax(axis=1)
    found: dict[str, list[float | None]] = {}
    for level in LEVELS:
        rise = norm.ppf((level - FALSE_POSITIVES) / (1 - FALSE_POSITIVES))
        at = np.exp(middle[best] + width[best] * rise)
        estimates = [at[0], *np.percentile(at[1:], [2.5, 97.5])]
        found[f"{level:g}"] = [round(float(size), 2) if size <= sizes.max() else None for size in estimates]
    fitted = {"middle": float(np.exp(middle[best[0]])), "width": float(width[best[0]])}
    return {"curve": {key: round(value, 4) for key, value in fitted.items()}, "sizes": found}


def curve(size: NDArray[np.float64], middle: NDArray[np.float64], width: NDArray[np.float64]) -> NDArray[np.float64]:
    """Sensitivity at 5 % false positives expected at a size, of a fitted curve."""
    return FALSE_POSITIVES + (1 - FALSE_POSITIVES) * norm.cdf(np.log(size / middle) / width)
