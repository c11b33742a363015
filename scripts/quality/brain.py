"""What a stripped brain shows of the scan's quality, as plain numbers."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from monai.data import MetaTensor
from monai.transforms import MapTransform

from ..io.affine import NIFTI
from .head import upside_down
from .rules import judge

ENDS = (5, 95)
"""Percentiles of the brain between which its contrast lies."""

FULL_SLICE = 0.4
"""Slices with less of the brain than this share of the fullest don't count for the jumps between slices."""

WRAP = 0.8
"""Neighbours that differ by more than this share of all that their 16 bits can hold have been wrapped round."""


def brain_measurements(brain: MetaTensor) -> dict[str, float]:
    """Measure a stripped brain.

    Args:
        brain: (1, X, Y[, Z]), exactly 0 outside.

    Returns:
        ``spacing_mm``, the longest side of a voxel; ``brain_ml`` (0 of a slice); ``cut``, the largest area by which the
        brain touches an end of the field of view, as a share of its largest cross-section along that axis;
        ``contrast``, the distance of its 5th and 95th percentile over its median; ``noise``, the standard deviation of
        its noise over that distance (Immerkaer 1996, doi:10.1006/cviu.1996.0060, along each axis), 0.3 where there is
        nothing but noise; ``slice_jumps``, the typical jump of the mean of a slice over that distance.
    """
    image = brain.as_tensor()[0].cpu().numpy().astype(np.float32)
    inside = image != 0
    affine = np.asarray(brain.affine, dtype=np.float64)
    sides = np.linalg.norm(affine[: image.ndim, : image.ndim], axis=0)
    values = image[inside]
    low, high = np.percentile(values, ENDS)
    spread = max(float(high - low), 1e-9)
    residuals, jumps, cuts = [], [0.0], []
    for axis in range(image.ndim):
        moved, mask = np.moveaxis(image, axis, 0), np.moveaxis(inside, axis, 0)
        within = mask[:-2] & mask[1:-1] & mask[2:]
        residual = (moved[1:-1] - (moved[:-2] + moved[2:]) / 2)[within]
        residuals.append(float(np.median(np.abs(residual))) if residual.size else np.inf)
        area = mask.reshape(len(mask), -1).sum(1)
        cuts.append(max(area[0], area[-1]) / area.max())
        full = area >= FULL_SLICE * area.max()
        means = moved.reshape(len(moved), -1).sum(1)[full] / area[full]
        bend = means[1:-1] - (means[:-2] + means[2:]) / 2
        jumps.append(float(np.median(np.abs(bend))) if len(bend) > 2 else 0.0)
    return {
        "spacing_mm": float(sides.max()),
        "brain_ml": float(inside.sum() * sides.prod() / 1000) if image.ndim == 3 else 0.0,
        "cut": float(max(cuts)),
        "contrast": float((high - low) / max(abs(float(np.median(values))), 1e-9)),
        "noise": 1.4826 * min(residuals) / 1.5**0.5 / spread,
        "slice_jumps": max(jumps) / spread,
    }


def wrapped_voxels(brain: MetaTensor) -> int:
    """Count neighbours in the brain whose stored 16 bits ran over; 0 for what isn't NIfTI of plain 16-bit integers."""
    file = Path(str(brain.meta.get("filename_or_obj", "")))
    if not (file.name.endswith(NIFTI) and file.exists()):
        return 0
    import nibabel as nib

    stored = nib.load(file)
    if stored.get_data_dtype().kind not in "iu" or stored.get_data_dtype().itemsize != 2 or stored.dataobj.slope != 1:
        return 0
    image = brain.as_tensor()[0].cpu()
    inside = image != 0
    found = 0
    for axis in range(image.ndim):
        size = image.shape[axis] - 1
        both = inside.narrow(axis, 0, size) & inside.narrow(axis, 1, size)
        found += int(((image.diff(dim=axis).abs() > WRAP * 2**16) & both).sum())
    return found


class MeasureBraind(MapTransform):
    """Add :func:`brain_measurements` and ``wrapped`` to ``meta["measurements"]`` of a stripped brain.

    What these alone rule out is refused at once: it may have no midline to look for.

    Args:
        keys: of the brains.
        allow_missing_keys: don't raise if a key is missing.
    """

    def __call__(self, data: Mapping[Hashable, Any]) -> dict[Hashable, Any]:
        d = dict(data)
        for key in self.key_iterator(d):
            found = {**brain_measurements(d[key]), "wrapped": float(wrapped_voxels(d[key]))}
            measurements = {**d[key].meta.get("measurements", {}), **found}
            judge(found, d[key])
            if not measurements.get("affine_fault") and upside_down(measurements):
                measurements["affine_fault"] = "upside_down"
            d[key].meta["measurements"] = measurements
        return d
