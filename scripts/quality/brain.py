"""Measure a stripped brain: its volume, contrast, noise, and what the scan has lost."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

import numpy as np
from monai.data import MetaTensor
from monai.transforms import MapTransform

from ..io.affine import voxel_size
from ..io.nifti import nifti_header
from .measurements import BrainMeasurements, add_measurements

PERCENTILES = (5, 95)
"""The contrast of a brain is the distance of these percentiles of its intensities."""

FULL_SLICE = 0.4
"""Slices with less of the brain than this share of the fullest slice don't count for the jumps between slices."""

WRAP = 0.8
"""A 16-bit integer has overflowed if neighbours differ by more than this share of its range."""


def brain_measurements(brain: MetaTensor) -> BrainMeasurements:
    """Measure a stripped brain.

    Args:
        brain: (1, X, Y[, Z]), exactly 0 outside.
    """
    image = brain.as_tensor()[0].cpu().numpy().astype(np.float32)
    inside = image != 0
    sides = voxel_size(brain.affine)[: image.ndim]
    values = image[inside]
    low, high = np.percentile(values, PERCENTILES)
    spread = max(float(high - low), 1e-9)
    residuals, jumps, cuts = [], [0.0], []
    for axis in range(image.ndim):
        planes, mask = np.moveaxis(image, axis, 0), np.moveaxis(inside, axis, 0)
        within = mask[:-2] & mask[1:-1] & mask[2:]
        residual = (planes[1:-1] - (planes[:-2] + planes[2:]) / 2)[within]
        residuals.append(float(np.median(np.abs(residual))) if residual.size else np.inf)
        area = mask.reshape(len(mask), -1).sum(1)
        cuts.append(max(area[0], area[-1]) / area.max())
        full = area >= FULL_SLICE * area.max()
        means = planes.reshape(len(planes), -1).sum(1)[full] / area[full]
        jump = means[1:-1] - (means[:-2] + means[2:]) / 2
        jumps.append(float(np.median(np.abs(jump))) if len(jump) > 2 else 0.0)
    return {
        "spacing_mm": float(sides.max()),
        "brain_ml": float(inside.sum() * sides.prod() / 1000) if image.ndim == 3 else 0.0,
        "cut": float(max(cuts)),
        "contrast": float((high - low) / max(abs(float(np.median(values))), 1e-9)),
        "noise": 1.4826 * min(residuals) / 1.5**0.5 / spread,
        "slice_jumps": max(jumps) / spread,
        "wrapped": float(wrapped_voxels(brain)),
    }


def wrapped_voxels(brain: MetaTensor) -> int:
    """Count the neighbours in a brain between which a stored 16-bit integer has overflowed.

    Args:
        brain: (1, X, Y[, Z]), exactly 0 outside.

    Returns:
        The number; 0 if the scan is not a NIfTI file of 16-bit integers without a slope.
    """
    header = nifti_header(brain)
    stored = np.dtype(header["dtype"]) if header is not None else np.dtype(np.float32)
    if header is None or stored.kind not in "iu" or stored.itemsize != 2 or header["slope"] != 1:
        return 0
    image = brain.as_tensor()[0].cpu()
    inside = image != 0
    count = 0
    for axis in range(image.ndim):
        size = image.shape[axis] - 1
        both = inside.narrow(axis, 0, size) & inside.narrow(axis, 1, size)
        count += int(((image.diff(dim=axis).abs() > WRAP * 2**16) & both).sum())
    return count


class MeasureBraind(MapTransform):
    """Add :func:`brain_measurements` to ``meta["measurements"]``.

    Args:
        keys: of the stripped brains, (1, X, Y[, Z]).
        allow_missing_keys: don't raise if a key is missing.
    """

    def __call__(self, data: Mapping[Hashable, Any]) -> dict[Hashable, Any]:
        """Measure every key."""
        d = dict(data)
        for key in self.key_iterator(d):
            add_measurements(d[key], brain_measurements(d[key]))
        return d
