"""A PNG of an axial slice as an image with a pixel size, which a PNG does not have."""

from __future__ import annotations

from typing import Any

import torch
from monai.data import MetaTensor

PICTURES = (".png",)
"""Endings of the names of pictures."""

HEAD_MM = 115.0
"""Length of a newborn's head, front to back. It gives a picture, which has no pixel size, its millimetres."""


def as_grey(picture: Any) -> Any:
    """Convert any picture of Pillow's to one channel of real numbers."""
    return picture.convert("F" if picture.mode.startswith(("I", "F")) else "L")


def as_slice(picture: MetaTensor) -> MetaTensor:
    """Give a picture the pixel size that makes its longest side that of a newborn's head.

    Args:
        picture: (X, Y), X along the rows and Y down.

    Returns:
        The same pixels, with an affine in mm whose X and Y stand for right and anterior.
    """
    bright = torch.nonzero(picture.as_tensor() > 0.1 * picture.max())
    longest = float((bright.amax(0) - bright.amin(0) + 1).max()) if len(bright) else float(max(picture.shape))
    side = HEAD_MM / longest
    affine = torch.diag(torch.tensor([side, -side, 1.0, 1.0], dtype=torch.float64))
    out = MetaTensor(picture.as_tensor(), affine=affine, meta=picture.meta)
    out.meta["measurements"] = {"affine_fault": "picture"}
    return out
