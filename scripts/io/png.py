"""A picture of an axial slice as an image with millimetres, which it doesn't have."""

from __future__ import annotations

from typing import Any

import torch
from monai.data import MetaTensor

PICTURES = (".png",)
"""Endings of the names of pictures."""

HEAD_MM = 115.0
"""Length of a newborn's head, front to back: what gives a picture, which has no voxel size, its millimetres."""


def as_grey(picture: Any) -> Any:
    """One channel of real numbers, of whatever a picture holds."""
    return picture.convert("F" if picture.mode.startswith(("I", "F")) else "L")


def as_slice(picture: MetaTensor) -> MetaTensor:
    """Give a picture (X, Y), X along the rows and Y down, its supposed pixel size."""
    bright = torch.nonzero(picture.as_tensor() > 0.1 * picture.max())
    longest = float((bright.amax(0) - bright.amin(0) + 1).max()) if len(bright) else float(max(picture.shape))
    side = HEAD_MM / longest
    affine = torch.diag(torch.tensor([side, -side, 1.0, 1.0], dtype=torch.float64))
    out = MetaTensor(picture.as_tensor(), affine=affine, meta=picture.meta)
    out.meta["measurements"] = {"affine_fault": "picture"}
    return out
