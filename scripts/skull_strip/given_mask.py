"""A brain mask that exists already: a tensor, a file, or a BIDS derivative beside the scan."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import torch
from monai.data import MetaTensor
from monai.transforms import LoadImage, ResampleToMatch
from torch import Tensor

from ..io.nifti import SUFFIXES
from ..io.scan_file import of_scan, scan_file


def given_mask(image: MetaTensor, mask: Tensor | str | os.PathLike | None) -> Tensor:
    """Return the given mask on the image's grid.

    Args:
        image: (1, X, Y, Z) with its affine and, for a mask beside the scan, the name of its file.
        mask: (1, X, Y, Z), not 0 in the brain, on the image's grid; or a file, on any grid of the same space; or
            None: the scan's ``desc-brain_mask`` of BIDS, beside it.

    Returns:
        (X, Y, Z) boolean.

    Raises:
        ValueError: if there is no mask, it can't be read, or its shape is not the image's.
    """
    if mask is None:
        mask = _mask_beside(image)
    if isinstance(mask, str | os.PathLike):
        mask = _read(Path(mask), image)
    mask = torch.as_tensor(mask)
    if tuple(mask.shape) != tuple(image.shape):
        raise ValueError(
            f"the given brain mask{of_scan(image)} must have the image's shape {tuple(image.shape)}, "
            f"got {tuple(mask.shape)}: load, channel-first and orient both alike."
        )
    return (mask.as_tensor() if isinstance(mask, MetaTensor) else mask)[0].to(image.device) != 0


def masks_beside(scan: Path) -> list[Path]:
    """List where the brain mask beside a scan may be.

    Returns:
        ``sub-1_T2w_desc-brain_mask.nii.gz`` first, then ``sub-1_desc-brain_mask.nii.gz``, with all suffixes of NIfTI.
    """
    stem = next((scan.name[: -len(end)] for end in SUFFIXES if scan.name.endswith(end)), scan.name)
    stems = (stem, stem.rsplit("_", 1)[0]) if "_" in stem else (stem,)
    return [scan.with_name(f"{s}_desc-brain_mask{end}") for s in stems for end in SUFFIXES]


def _mask_beside(image: MetaTensor) -> Path:
    """The brain mask beside a scan, see :func:`masks_beside`."""
    scan, searched = scan_file(image), ""
    if scan is not None:
        files = masks_beside(scan)
        for file in files:
            if file.exists():
                return file
        searched = f"; looked for {', '.join(file.name for file in files)} in {scan.parent}"
    raise ValueError(
        f"method 'given' needs a brain mask{of_scan(image)}, found none{searched}: set given_key to a mask or a file, "
        "write the mask beside the scan, or use 'learned'."
    )


def _read(file: Path, image: MetaTensor) -> Tensor:
    """A mask file, resampled to the image's grid (nearest voxel)."""
    name = of_scan(image)
    if not file.exists():
        raise ValueError(f"the given brain mask{name} {file} does not exist: check the path.")
    try:
        mask = LoadImage(image_only=True, ensure_channel_first=True)(str(file))
    except Exception as error:
        raise ValueError(f"the given brain mask{name} {file} can't be read as an image: {error}") from error
    if mask.ndim != 4 or mask.shape[0] != 1:
        raise ValueError(f"the given brain mask{name} {file} must be one volume, found shape {tuple(mask.shape)}.")
    binary = (mask != 0).to(torch.float32)
    resampled: Any = ResampleToMatch(mode="nearest", padding_mode="zeros")(binary, image)
    return resampled.as_tensor().round()
