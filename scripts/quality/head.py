"""What is in a scan beside one brain: a second head, or a neck that lies above it."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

import numpy as np
import torch
from monai.data import MetaTensor
from monai.transforms import MapTransform

from .rules import judge

STEP_MM = 3.0
"""Side of the voxels that are looked at: a finer scan is averaged."""

DARKEST = 0.5
"""Share of Otsu's threshold above which there is tissue and no air: muscle is dark where fluid is bright."""

REACH = 2
"""Voxels by which gaps are closed, and what is thin is taken off."""

SECOND = 0.5
"""What has at least this share of the largest body's volume is another head."""

OPEN, CLOSED = 0.1, 0.05
"""Shares of a head's largest cross-section: at an end of the field of view more than the first is a neck or a face that
goes on beyond it, less than the second is a crown that ends before."""

STRIPPED = 0.95
"""Where the brain is more than this share of all that is there, the scan came stripped, without neck and face."""


def coarse_head(head: MetaTensor) -> tuple[np.ndarray, np.ndarray]:
    """Tell a head from the air round it, on voxels of about ``STEP_MM``.

    Args:
        head: (1, X, Y, Z).

    Returns:
        (x, y, z) boolean, and the sides of its voxels in mm.
    """
    from skimage.filters import threshold_otsu

    sides = np.linalg.norm(np.asarray(head.affine, dtype=np.float64)[:3, :3], axis=0)
    shape = np.array(head.shape[1:])
    fewer = np.maximum(np.ceil(shape * np.minimum(sides / STEP_MM, 1)), 1).astype(int)
    image = torch.nn.functional.interpolate(head.as_tensor()[None].float().cpu(), size=fewer.tolist(), mode="area")
    values = image[0, 0].numpy()
    return values > DARKEST * threshold_otsu(values), sides * shape / fewer


def filled(body: np.ndarray) -> np.ndarray:
    """Close the gaps of a body (x, y, z), fill it, and take off what is thin."""
    from scipy import ndimage

    edge = 2 * REACH
    whole = ndimage.binary_fill_holes(ndimage.binary_closing(np.pad(body, edge), iterations=REACH))
    inner = (slice(edge, -edge),) * 3
    return ndimage.binary_opening(whole, iterations=REACH)[inner]


def count_heads(whole: np.ndarray) -> int:
    """Count the bodies of (x, y, z) that are nearly as large as the largest."""
    from scipy import ndimage

    sizes = np.bincount(ndimage.label(whole)[0].ravel(), minlength=2)[1:]
    return int((sizes >= SECOND * sizes.max()).sum()) if sizes.any() else 0


def head_measurements(head: MetaTensor) -> dict[str, float]:
    """Measure a head.

    Args:
        head: (1, X, Y, Z), axes right, anterior, superior.

    Returns:
        ``heads``, how many there are; ``head_ml``, the volume of all; ``end_below`` and ``end_above``, the
        cross-sections at both ends of the field of view over the largest.
    """
    body, sides = coarse_head(head)
    whole = filled(body)
    areas = whole.sum(axis=(0, 1)) / max(whole.sum(axis=(0, 1)).max(), 1)
    return {
        "heads": float(count_heads(whole)),
        "head_ml": float(whole.sum() * sides.prod() / 1000),
        "end_below": float(areas[0]),
        "end_above": float(areas[-1]),
    }


def upside_down(measurements: Mapping[str, Any]) -> bool:
    """Whether a head goes on beyond the upper end of the field of view, and not beyond the lower.

    Args:
        measurements: of :func:`head_measurements`, and the brain's volume ``brain_ml``.
    """
    if "heads" not in measurements or measurements["brain_ml"] > STRIPPED * measurements["head_ml"]:
        return False
    return measurements["end_above"] > OPEN and measurements["end_below"] < CLOSED


class MeasureHeadd(MapTransform):
    """Put :func:`head_measurements` into ``meta["measurements"]``, and refuse more than one head.

    Args:
        keys: of the heads; a slice is left as it is.
        allow_missing_keys: don't raise if a key is missing.
    """

    def __call__(self, data: Mapping[Hashable, Any]) -> dict[Hashable, Any]:
        """Measure every key.

        Raises:
            ScanError: if there is more than one head.
        """
        d = dict(data)
        for key in self.key_iterator(d):
            head = d[key]
            if head.ndim == 4:
                found = head_measurements(head)
                judge(found, head)
                head.meta["measurements"] = {**head.meta.get("measurements", {}), **found}
        return d
