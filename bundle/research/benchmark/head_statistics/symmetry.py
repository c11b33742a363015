"""Natural asymmetry of a head: how well its scans correlate with their mirror images, at several blurs."""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from .labelled import CODE, STEP, AlignedHead

BLURS = (0, 1, 2, 4, 8)
"""Standard deviations in mm of the Gaussian blurs."""
REGIONAL = (1, 4)
"""Blurs in mm at which regions are compared."""
MANTLE = 12.0
"""Depth in mm below the hull that divides the mantle of the cerebrum from its core."""


def mirrored(head: AlignedHead) -> dict[str, float]:
    """Correlate both halves, within the hull of the brain and its mirror image, whole and by region."""
    inside = (head.hull > 0) | (head.labels == CODE["hindbrain"])
    inside &= inside[::-1]
    found = {}
    parts = _regions(head, inside)
    for contrast, image in head.images.items():
        for blur in BLURS:
            smooth = _blurred(image, inside, blur)
            found[f"{contrast}.mirrored.{blur}_mm"] = _correlation(smooth, inside)
            if blur in REGIONAL:
                for name, part in parts.items():
                    found[f"{contrast}.mirrored.{blur}_mm.{name}"] = _correlation(smooth, part)
    return found


def _regions(head: AlignedHead, inside: np.ndarray) -> dict[str, np.ndarray]:
    """Regions that are their own mirror images: mantle, core and thirds of the cerebrum, and the hindbrain."""
    hindbrain = (head.labels == CODE["hindbrain"]) & inside
    hindbrain |= hindbrain[::-1]
    cerebrum = inside & ~hindbrain
    depth = np.minimum(head.hull, head.hull[::-1])
    y = np.arange(inside.shape[1])[None, :, None]
    reach = np.argwhere(cerebrum.any((0, 2)))[[0, -1], 0]
    third = (reach[1] - reach[0]) / 3
    return {
        "mantle": cerebrum & (depth < MANTLE),
        "core": cerebrum & (depth >= MANTLE),
        "hindbrain": hindbrain,
        "back": cerebrum & (y < reach[0] + third),
        "middle": cerebrum & (y >= reach[0] + third) & (y <= reach[1] - third),
        "front": cerebrum & (y > reach[1] - third),
    }


def _blurred(image: np.ndarray, inside: np.ndarray, blur: float) -> np.ndarray:
    """Blur within a region: what lies outside does not count."""
    if not blur:
        return image
    weight = ndimage.gaussian_filter(inside.astype(np.float32), blur / STEP, truncate=3)
    return ndimage.gaussian_filter(image * inside, blur / STEP, truncate=3) / np.maximum(weight, 1e-3)


def _correlation(image: np.ndarray, part: np.ndarray) -> float:
    half = image.shape[0] // 2
    left, right = image[:half], image[::-1][:half]
    where = part[:half] & part[::-1][:half]
    return float(np.corrcoef(left[where], right[where])[0, 1]) if where.sum() > 50 else float("nan")
