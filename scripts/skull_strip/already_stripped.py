"""Recognise an image that was skull-stripped before, and a rim of scalp that was left around its brain."""

from __future__ import annotations

import itertools

import numpy as np
import torch
import torch.nn.functional as F

from .bounding_box import box

WORKING_MM = 2.0
"""Voxel size of the grid on which a head is examined: fine enough for a newborn's skull, eight times cheaper than
1 mm."""

DARK_SHARE = 0.45
"""A voxel darker than this share of the brain's median is dark."""

STRIPPED_BACKGROUND = 0.15
"""An image in which fewer voxels than this share are exactly 0 has not been stripped."""

STRIPPED_TOUCH = 0.02
"""A stripped brain touches the border of the image with no more than this share of its surface."""

SHELLS_MM = (0.0, 2.0, 4.0, 6.0, 8.0, 10.0, 13.0, 16.0)
"""Depths below the surface at which a head has bright scalp, then dark skull, then bright brain."""

SKULL_DIP = 0.3
"""The share of bright voxels must fall and rise again by this much over the depths to be a skull."""

RIM_MM = 2.0
"""What lies farther than this from the brain belongs to a rim. Two skull strips of a brain differ by less."""

RIM_SHARE = (0.03, 0.25)
"""A stripped image has a rim if this share of it belongs to one. If more seems to, it was not the brain that was found:
a head with so much around its brain shows its skull, and was not taken for a stripped one."""


def nonzero_mask(image: torch.Tensor, spacing: np.ndarray) -> torch.Tensor:
    """Take every voxel that isn't 0 for brain: for an image that was stripped before.

    Args:
        image: (X, Y, Z).
        spacing: voxel size, mm; not used.

    Returns:
        (X, Y, Z) boolean.
    """
    return image != 0


def is_stripped(image: torch.Tensor, spacing: np.ndarray) -> bool:
    """Whether a head was stripped before: exactly 0 around a body that has no scalp and skull.

    Args:
        image: (X, Y, Z).
        spacing: voxel size, mm.
    """
    from scipy import ndimage

    inside = image != 0
    if not bool(inside.any()) or float(inside.float().mean()) > 1 - STRIPPED_BACKGROUND:
        return False
    solid = inside.numpy()
    at_border = sum(int(solid.take(end, axis).sum()) for axis in range(3) for end in (0, -1))
    surface = sum(int((np.diff(solid.astype(np.int8), axis=axis) != 0).sum()) for axis in range(3))
    if at_border > STRIPPED_TOUCH * surface:
        return False
    size = [max(1, min(n, round(n * s / WORKING_MM))) for n, s in zip(image.shape, spacing, strict=True)]
    coarse = F.interpolate(image[None, None].float(), size=size, mode="area")[0, 0].numpy()
    body = ndimage.binary_fill_holes(coarse != 0)
    depth = ndimage.distance_transform_edt(np.pad(body, 1), sampling=np.array(image.shape) / size * spacing)
    depth = depth[1:-1, 1:-1, 1:-1]
    core = coarse[depth > max(SHELLS_MM)]
    if core.size == 0:
        return True
    bright = coarse > DARK_SHARE * np.median(core)
    shells = [(depth > low) & (depth <= high) for low, high in itertools.pairwise(SHELLS_MM)]
    # Voxels wider than a shell leave some shells empty.
    profile = [float(bright[shell].mean()) for shell in shells if shell.any()]
    dips = [min(max(profile[:i]), max(profile[i + 1 :])) - profile[i] for i in range(1, len(profile) - 1)]
    return max(dips, default=0.0) < SKULL_DIP


def has_rim(stripped: torch.Tensor, brain: torch.Tensor, spacing: np.ndarray) -> bool:
    """Whether a stripped image was cut out loosely: much of it lies outside the brain.

    Args:
        stripped: (X, Y, Z) boolean, all voxels that aren't 0.
        brain: (X, Y, Z) boolean, the brain that was found in it. An empty one tells nothing: there is no rim.
        spacing: voxel size, mm.
    """
    from scipy import ndimage

    if not bool(brain.any()):
        return False
    crop = box(stripped)
    beyond = ndimage.distance_transform_edt(~brain[crop].numpy(), sampling=spacing) > RIM_MM
    share = float((beyond & stripped[crop].numpy()).sum()) / float(stripped.sum())
    return RIM_SHARE[0] < share < RIM_SHARE[1]
