"""Thick slices made of a scan: each voxel averages over a Gaussian slice profile, as a scanner's slice does."""

from __future__ import annotations

import math

import torch
from monai.data import MetaTensor

from scripts.io.affine import voxel_size

from .voxels import as_scan, resampled

THICKNESS_MM = 3.0
"""Full width of the slice profile at half its height, and the distance of the slices: slices without a gap."""

SD_OF_FWHM = 1 / math.sqrt(8 * math.log(2))
"""Standard deviation of a Gaussian whose full width at half its height is 1."""


def thick_slices(scan: MetaTensor, axis: int, thickness: float = THICKNESS_MM) -> MetaTensor:
    """Return a scan with thick slices across one axis.

    Args:
        scan: (1, X, Y, Z).
        axis: 0 to 2, the axis across the slices.
        thickness: of the slices and their distance, mm.

    Returns:
        (1, X, Y, Z) with fewer voxels along the axis; the first slice stays where it is.
    """
    from scipy.ndimage import gaussian_filter1d

    step = float(voxel_size(scan.affine)[axis])
    voxels = scan.as_tensor().double().numpy()
    averaged = gaussian_filter1d(voxels, thickness * SD_OF_FWHM / step, axis=axis + 1, mode="nearest")
    size = list(scan.shape[1:])
    size[axis] = int((size[axis] - 1) * step / thickness + 1e-6) + 1
    scale = torch.eye(4, dtype=torch.float64)
    scale[axis, axis] = thickness / step
    smooth = as_scan(torch.from_numpy(averaged).float(), scan.affine, str(scan.meta.get("filename_or_obj", "")))
    return resampled(smooth, torch.as_tensor(scan.affine, dtype=torch.float64) @ scale, tuple(size))
