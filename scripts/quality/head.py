"""Measure a head before the skull strip: how many there are, and at which end of the field of view the neck lies."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

import numpy as np
import torch
from monai.data import MetaTensor
from monai.transforms import MapTransform

from ..io.affine import voxel_size
from .measurements import HeadMeasurements, add_measurements

STEP_MM = 3.0
"""Size of the voxels that are measured; a finer scan is averaged."""

DARKEST = 0.5
"""Voxels above this share of Otsu's threshold are tissue, not air: muscle is dark if fluid is bright."""

REACH = 2
"""Gaps up to twice as many voxels wide are closed, and thinner parts are removed."""

SECOND = 0.5
"""A body with at least this share of the largest body's volume is another head."""


def head_measurements(head: MetaTensor) -> HeadMeasurements:
    """Measure a head.

    Args:
        head: (1, X, Y, Z), axes right, anterior, superior.
    """
    tissue, sides = coarse_head(head)
    bodies = filled(tissue)
    areas = bodies.sum(axis=(0, 1)) / max(bodies.sum(axis=(0, 1)).max(), 1)
    return {
        "heads": float(count_heads(bodies)),
        "head_ml": float(bodies.sum() * sides.prod() / 1000),
        "end_below": float(areas[0]),
        "end_above": float(areas[-1]),
    }


def coarse_head(head: MetaTensor) -> tuple[np.ndarray, np.ndarray]:
    """Separate a head from the air around it, on voxels of about ``STEP_MM``.

    Args:
        head: (1, X, Y, Z).

    Returns:
        (x, y, z) boolean, and (3,) the size of its voxels, mm.
    """
    from skimage.filters import threshold_otsu

    sides = voxel_size(head.affine)
    shape = np.array(head.shape[1:])
    fewer = np.maximum(np.ceil(shape * np.minimum(sides / STEP_MM, 1)), 1).astype(int)
    image = torch.nn.functional.interpolate(head.as_tensor()[None].float().cpu(), size=fewer.tolist(), mode="area")
    values = image[0, 0].numpy()
    return values > DARKEST * threshold_otsu(values), sides * shape / fewer


def filled(tissue: np.ndarray) -> np.ndarray:
    """Close the gaps of a body (x, y, z) boolean, fill its holes, and remove its thin parts."""
    from scipy import ndimage

    margin = 2 * REACH
    closed = ndimage.binary_fill_holes(ndimage.binary_closing(np.pad(tissue, margin), iterations=REACH))
    inner = (slice(margin, -margin),) * 3
    return ndimage.binary_opening(closed, iterations=REACH)[inner]


def count_heads(bodies: np.ndarray) -> int:
    """Count the connected components of (x, y, z) boolean that are nearly as large as the largest."""
    from scipy import ndimage

    sizes = np.bincount(ndimage.label(bodies)[0].ravel(), minlength=2)[1:]
    return int((sizes >= SECOND * sizes.max()).sum()) if sizes.any() else 0


class MeasureHeadd(MapTransform):
    """Add :func:`head_measurements` to ``meta["measurements"]``; a slice is left as it is.

    Args:
        keys: of the heads, (1, X, Y, Z).
        allow_missing_keys: don't raise if a key is missing.
    """

    def __call__(self, data: Mapping[Hashable, Any]) -> dict[Hashable, Any]:
        """Measure every key."""
        d = dict(data)
        for key in self.key_iterator(d):
            if d[key].ndim == 4:
                add_measurements(d[key], head_measurements(d[key]))
        return d
