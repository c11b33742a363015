"""A brain mask that is there already: a tensor, a file, or a BIDS derivative beside the scan."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import torch
from monai.data import MetaTensor
from monai.transforms import LoadImage, ResampleToMatch
from torch import Tensor

ENDINGS = (".nii.gz", ".nii")


def given_mask(image: Tensor, mask: Tensor | str | os.PathLike | None, of: str = "") -> Tensor:
    """Return the given mask on the image's grid.

    Args:
        image: MetaTensor (1, X, Y, Z) with its affine and, for a mask beside the scan, its file name.
        mask: (1, X, Y, Z) non-zero in the brain, on the image's grid; or a file, on any grid of the same space; or
            None: the scan's ``desc-brain_mask`` of BIDS, beside it.
        of: name of the scan, for messages.

    Returns:
        (X, Y, Z) boolean.

    Raises:
        ValueError: if there is no mask, it can't be read, or its shape is not the image's.
    """
    if mask is None:
        mask = _beside(image, of)
    if isinstance(mask, str | os.PathLike):
        mask = _read(Path(mask), image, of)
    mask = torch.as_tensor(mask)
    if tuple(mask.shape) != tuple(image.shape):
        raise ValueError(
            f"the given brain mask{of} must have the image's shape {tuple(image.shape)}, "
            f"got {tuple(mask.shape)}: load, channel-first and orient both alike."
        )
    return (mask.as_tensor() if isinstance(mask, MetaTensor) else mask)[0].to(image.device) != 0


def _beside(image: Tensor, of: str) -> Path:
    """The brain mask beside a scan: ``sub-1_desc-brain_mask.nii.gz`` or ``sub-1_T2w_desc-brain_mask.nii.gz``."""
    name: Any = image.meta.get("filename_or_obj", "")
    scan = Path(str(name or ""))
    stem = next((scan.name[: -len(end)] for end in ENDINGS if scan.name.endswith(end)), scan.name)
    stems = (stem, stem.rsplit("_", 1)[0]) if "_" in stem else (stem,)
    files = [scan.with_name(f"{s}_desc-brain_mask{end}") for s in stems for end in ENDINGS] if stem else []
    for file in files:
        if file.exists():
            return file
    looked = f"; looked for {', '.join(file.name for file in files)} in {scan.parent}" if files else ""
    raise ValueError(
        f"method 'given' needs a brain mask{of}, found none{looked}: set given_key to a mask or a file, "
        "write the mask beside the scan, or use 'learned'."
    )


def _read(file: Path, image: Tensor, of: str) -> Tensor:
    """A mask file, brought to the image's grid (nearest voxel)."""
    if not file.exists():
        raise ValueError(f"the given brain mask{of} {file} does not exist: check the path.")
    try:
        mask = LoadImage(image_only=True, ensure_channel_first=True)(str(file))
    except Exception as error:
        raise ValueError(f"the given brain mask{of} {file} can't be read as an image: {error}") from error
    if mask.ndim != 4 or mask.shape[0] != 1:
        raise ValueError(f"the given brain mask{of} {file} must be one volume, found shape {tuple(mask.shape)}.")
    flat = (mask != 0).to(torch.float32)
    return ResampleToMatch(mode="nearest", padding_mode="zeros")(flat, image).as_tensor().round()
