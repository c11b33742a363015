"""The voxels of a scan in RAS order, to be changed before they are preprocessed."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from monai.data import MetaTensor
from monai.transforms import Orientationd, SpatialResample
from torch import Tensor

from .scored import preprocessing_chain, through


def read_scan(image: str, skull_strip: str = "none") -> MetaTensor:
    """Read a scan as ``predict`` does, up to its orientation.

    Args:
        image: path.
        skull_strip: of the preprocessing whose first steps are used.

    Returns:
        (1, X, Y, Z) in RAS order, without a record of transforms.
    """
    steps = preprocessing_chain(skull_strip).transforms
    end = next(k for k, step in enumerate(steps) if isinstance(step, Orientationd)) + 1
    read = through(steps[:end], {"image": image})["image"]
    return as_scan(read.as_tensor().float(), read.affine, image)


def as_scan(voxels: Tensor, affine: Any, file: str = "") -> MetaTensor:
    """Return voxels (1, X, Y, Z) as a scan that was just read: with its affine, and the name of its file."""
    meta = {"original_channel_dim": 0, **({"filename_or_obj": file} if file else {})}
    return MetaTensor(voxels, affine=torch.as_tensor(affine, dtype=torch.float64), meta=meta)


def mirrored(scan: MetaTensor) -> MetaTensor:
    """Return the mirror image of a scan: what was on the patient's left is on the right; grid and affine stay.

    Args:
        scan: (1, X, Y, Z) in RAS order. If its axes are oblique, the mirror is the middle plane across its first axis.
    """
    return as_scan(scan.as_tensor().flip(1), scan.affine, str(scan.meta.get("filename_or_obj", "")))


def resampled(scan: MetaTensor, affine: Tensor, size: tuple[int, ...]) -> MetaTensor:
    """Resample a scan linearly; beyond its field of view the outermost voxels go on, as air or neck do.

    Args:
        scan: (1, X, Y, Z).
        affine: (4, 4) of the new grid, voxel to RAS mm.
        size: (X, Y, Z) of the new grid.
    """
    resample = SpatialResample(mode="bilinear", padding_mode="border", align_corners=True, dtype=np.float64)
    moved: Any = resample(scan, dst_affine=affine, spatial_size=size)
    return as_scan(moved.as_tensor().float(), affine, str(scan.meta.get("filename_or_obj", "")))
