"""Sizes, volumes, folding and left-right volumes of a head."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from scipy import ndimage
from skimage import measure

from .labelled import CEREBRUM, CODE, LABELS, STEP, AlignedHead, LabelledHead

DEPTHS = (0, 2, 4, 6, 8, 10, 13, 16)
"""Borders of the layers below the hull of the cerebrum, mm."""
MANTLE = (2.0, 10.0)
"""The layer in which the distance of the folds is measured, mm below the hull."""


def sizes(head: AlignedHead) -> dict[str, float]:
    """Measure the extent of the cerebrum in mm and the volumes in ml."""
    inside = np.argwhere(head.is_in(*CEREBRUM))
    span = np.percentile(inside, 99.9, axis=0) - np.percentile(inside, 0.1, axis=0) + 1  # no single stray voxel
    found = dict(zip(("width_mm", "length_mm", "height_mm"), (STEP * span).tolist(), strict=True))
    counts = np.bincount(head.labels.ravel(), minlength=len(LABELS))
    found |= {f"{name}_ml": counts[CODE[name]] * STEP**3 / 1000 for name in LABELS[1:]}
    found["cerebrum_ml"] = sum(found[f"{name}_ml"] for name in CEREBRUM[:3])
    hull = head.hull > 0
    found["sulcal_fluid_share"] = float((head.is_in("fluid") & hull).sum() / hull.sum())
    return found


def folding(head: AlignedHead) -> dict[str, float]:
    """Measure the cortex: its thickness and folds, and what each layer below the hull consists of.

    Returns:
        ``thickness_mm``: volume of the cortex by the area of its inner surface. ``folding_ratio``: this area by that of
        the hull. ``fold_spacing_mm``: distance of parallel sulci that have as much inner surface in the layer
        ``MANTLE``. ``layer.…``: shares of the layers ``DEPTHS``.
    """
    cortex = head.is_in("cortex")
    inner = head.is_in("white", "deep", "ventricle")
    centres, areas = _surface(inner, 0.6)
    near = ndimage.distance_transform_edt(~cortex)[tuple(centres.T)] <= 1.5
    depth = head.hull[tuple(centres.T)]
    mantle = (head.hull >= MANTLE[0]) & (head.hull < MANTLE[1]) & ~head.is_in("hindbrain")
    in_mantle = near & (depth >= MANTLE[0]) & (depth < MANTLE[1])
    area = float(areas[near].sum())
    found = {
        "thickness_mm": float(cortex.sum() * STEP**3 / area),
        "folding_ratio": area / float(_surface(head.hull > 0, 1.0)[1].sum()),
        "fold_spacing_mm": float(2 * mantle.sum() * STEP**3 / areas[in_mantle].sum()),
    }
    for low, high in pairwise(DEPTHS):
        layer = (head.hull > low) & (head.hull <= high) & ~head.is_in("hindbrain", "other")
        for name in ("fluid", "cortex", "white"):
            found[f"layer.{name}.{low}-{high}_mm"] = float((head.is_in(name) & layer).sum() / max(layer.sum(), 1))
    return found


def volume_asymmetry(head: LabelledHead) -> dict[str, float]:
    """Measure (left − right) / (left + right) of the cerebrum and of the lateral ventricles, from the given sides."""
    regions = {"cerebrum": CEREBRUM[:3], "ventricles": ("ventricle",), "deep": ("deep",)}
    found = {}
    for name, labels in regions.items():
        inside = np.isin(head.labels.voxels, [CODE[label] for label in labels])
        left, right = (int((inside & (head.side == sign)).sum()) for sign in (-1, 1))
        found[f"asymmetry.{name}"] = (left - right) / max(left + right, 1)
    return found


def _surface(region: np.ndarray, sigma: float) -> tuple[np.ndarray, np.ndarray]:
    """Triangles of a smoothed surface: voxel of each centre (N, 3), and areas (N,) in mm²."""
    smooth = ndimage.gaussian_filter(region.astype(np.float32), sigma)
    points, faces, *_ = measure.marching_cubes(smooth, 0.5)
    a, b, c = (points[faces[:, k]] for k in range(3))
    areas = 0.5 * np.linalg.norm(np.cross(b - a, c - a), axis=1) * STEP**2
    return np.rint((a + b + c) / 3).astype(int), areas
