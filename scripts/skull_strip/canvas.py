"""The small canvas on which the skull strip's network sees a head, and the way back to the scan's grid."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

BRIGHT_QUANTILE = 0.98
"""The bright end of an image: this quantile of all voxels above the mean, whatever the share of air."""

SAMPLE = 60_000
"""Voxels that stand for all where a quantile is taken: sorting millions would cost more than the network."""


class Canvas(NamedTuple):
    """Where a canvas lies in an image: per axis ``size`` canvas voxels span ``length`` image voxels.

    Attributes:
        size: voxels of the canvas.
        start: image coordinate (a voxel's border, may lie outside the image) where the canvas begins.
        length: image voxels that it spans.
    """

    size: tuple[int, ...]
    start: tuple[float, ...]
    length: tuple[float, ...]


def place(spacing: np.ndarray, centre: np.ndarray, size: Sequence[int], voxel: float) -> Canvas:
    """A canvas with isotropic voxels round a centre.

    Args:
        spacing: voxel size of the image, mm.
        centre: image coordinates, in voxels from the first voxel's border.
        size: voxels of the canvas.
        voxel: its voxel size, mm.
    """
    length = np.array(size) * voxel / spacing
    return Canvas(tuple(size), tuple(centre - length / 2), tuple(length))


def draw(image: Tensor, canvas: Canvas) -> Tensor:
    """Draw an image on a canvas: averaged where the canvas is coarser, interpolated where it is finer.

    Args:
        image: (X, Y, Z) float.
        canvas: where to.

    Returns:
        (*canvas.size) float, 0 beyond the image.
    """
    for axis in range(3):
        image = _along(image, axis, canvas.size[axis], canvas.start[axis], canvas.length[axis])
    return image


def undraw(drawn: Tensor, canvas: Canvas, shape: Sequence[int], outside: float) -> Tensor:
    """Bring what was found on a canvas back to the image's grid by linear interpolation.

    Args:
        drawn: (*canvas.size) float.
        canvas: as it was drawn.
        shape: of the image.
        outside: value beyond the canvas.

    Returns:
        (X, Y, Z) float.
    """
    for axis in range(3):
        scale = canvas.size[axis] / canvas.length[axis]
        drawn = _along(drawn, axis, shape[axis], -canvas.start[axis] * scale, shape[axis] * scale, outside)
    return drawn


def _along(image: Tensor, axis: int, size: int, start: float, length: float, outside: float = 0.0) -> Tensor:
    """Resample one axis to ``size`` voxels that span [start, start + length) of its own, as a sparse average.

    Every new voxel is the average of a triangle as wide as the larger of both voxels: linear interpolation where
    the new grid is finer, a smooth average where it is coarser.
    """
    step = length / size
    wide, n = max(1.0, step), image.shape[axis]
    rim = math.ceil(wide) + 1  # voxels beyond the image that an average can still reach
    at = start + (torch.arange(size, dtype=torch.float64) + 0.5) * step - 0.5
    weight = (1 - (torch.arange(-rim, n + rim) - at[:, None]).abs() / wide).clamp(min=0)
    weight = (weight / weight.sum(1, keepdim=True).clamp(min=1e-9)).to(image)[:, rim:-rim]
    out = torch.tensordot(weight, image, dims=([1], [axis]))
    if outside:
        out += outside * (1 - weight.sum(1)).view(-1, 1, 1)
    return out.movedim(0, axis)


def normalize(image: Tensor) -> Tensor:
    """Scale an image to [0, 1] by its least value and its bright end.

    Args:
        image: (X, Y, Z) float.
    """
    few = sampled(image)
    low = few.min()
    bright = few[few >= few.mean()]
    high = torch.quantile(bright, BRIGHT_QUANTILE)
    return ((image - low) / (high - low).clamp(min=1e-6)).clamp(0, 1.2)


def sampled(values: Tensor) -> Tensor:
    """Return ``SAMPLE`` of the values or a few more, evenly spread over them, flat; all where there are fewer."""
    return values.flatten()[:: max(1, values.numel() // SAMPLE)]
