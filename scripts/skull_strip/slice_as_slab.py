"""A 2-D slice as a thin slab, so that the methods for volumes strip it too."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from .already_stripped import STRIPPED_BACKGROUND, STRIPPED_TOUCH, is_stripped, nonzero_mask

FAR_MM = 1000.0
"""Farther than any depth inside a head."""

PLANES = 9
"""Copies of the slice in a slab."""

THICKNESS = 0.3
"""Thickness of the slab as a share of the head's longer side, as of the slabs that the network was trained on."""


def slice_mask(find: Callable[[Tensor, np.ndarray], Tensor], image: Tensor, spacing: np.ndarray) -> Tensor:
    """Segment the brain in an axial slice.

    Args:
        find: a method for volumes, see ``transform.METHODS``.
        image: (X, Y), X to the patient's right or left, Y to anterior.
        spacing: pixel size, mm; if there are three numbers, the first two count.

    Returns:
        (X, Y) boolean.
    """
    sides = np.asarray(spacing[:2], dtype=float)
    if _is_stripped(image.cpu(), sides):
        return nonzero_mask(image, spacing)
    thickness = THICKNESS * float((np.array(image.shape) * sides).max()) / PLANES
    slab = image[..., None].expand(*image.shape, PLANES).contiguous()
    return find(slab, np.array([*sides, thickness]))[..., PLANES // 2]


def _is_stripped(image: Tensor, sides: np.ndarray) -> bool:
    """Whether a slice was stripped before: see ``already_stripped.is_stripped``."""
    inside = image != 0
    border = torch.cat([inside[[0, -1]].flatten(), inside[:, [0, -1]].flatten()])
    if float(inside.float().mean()) > 1 - STRIPPED_BACKGROUND or float(border.float().mean()) > STRIPPED_TOUCH:
        return False
    # What lies above and below is not known; put far away, it does not count as near the surface.
    far = torch.stack([torch.zeros_like(image), image, torch.zeros_like(image)], dim=-1)
    return is_stripped(far, np.array([*sides, FAR_MM]))
