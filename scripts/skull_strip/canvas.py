"""The canvas: a small grid of isotropic voxels on which the skull strip's network sees a head, and the way back."""

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
"""Voxels that stand for all when a quantile is taken: sorting millions would cost more than the network."""


class Canvas(NamedTuple):
    """Where a canvas lies in an image: along each axis ``size`` canvas voxels span ``length`` image voxels.

    Attributes:
        size: number of the canvas's voxels along each axis.
        start: where the canvas begins, in voxels from the border of the image's first voxel; may be outside the image.
        length: image voxels that it spans along each axis.
    """

    size: tuple[int, ...]
    start: tuple[float, ...]
    length: tuple[float, ...]


def centred_canvas(spacing: np.ndarray, centre: np.ndarray, size: Sequence[int], voxel: float) -> Canvas:
    """Make a canvas of isotropic voxels around a centre.

    Args:
        spacing: voxel size of the image, mm.
        centre: in voxels from the border of the image's first voxel.
        size: number of the canvas's voxels along each axis.
        voxel: their size, mm.
    """
    length = np.array(size) * voxel / spacing
    return Canvas(tuple(size), tuple(centre - length / 2), tuple(length))


def to_canvas(image: Tensor, canvas: Canvas) -> Tensor:
    """Resample an image to a canvas: averaged if the canvas is coarser, interpolated if it is finer.

    Args:
        image: (X, Y, Z) float.
        canvas: the grid to resample to.

    Returns:
        (*canvas.size) float, 0 beyond the image.
    """
    for axis in range(3):
        image = _resample(image, axis, canvas.size[axis], canvas.start[axis], canvas.length[axis])
    return image


def from_canvas(values: Tensor, canvas: Canvas, shape: Sequence[int], outside: float) -> Tensor:
    """Resample values on a canvas back to the image's grid, by linear interpolation.

    Args:
        values: (*canvas.size) float.
        canvas: as in :func:`to_canvas`.
        shape: of the image.
        outside: value beyond the canvas.

    Returns:
        (X, Y, Z) float.
    """
    for axis in range(3):
        scale = canvas.size[axis] / canvas.length[axis]
        values = _resample(values, axis, shape[axis], -canvas.start[axis] * scale, shape[axis] * scale, outside)
    return values


def _resample(image: Tensor, axis: int, size: int, start: float, length: float, outside: float = 0.0) -> Tensor:
    """Resample one axis to ``size`` voxels that span [start, start + length) of the old ones, as a sparse average.

    Every new voxel is the average of a triangle as wide as the larger of both voxels: linear interpolation if the new
    grid is finer, a smooth average if it is coarser.
    """
    step = length / size
    width, n = max(1.0, step), image.shape[axis]
    margin = math.ceil(width) + 1  # voxels beyond the image that an average can still reach
    centres = start + (torch.arange(size, dtype=torch.float64) + 0.5) * step - 0.5
    weight = (1 - (torch.arange(-margin, n + margin) - centres[:, None]).abs() / width).clamp(min=0)
    weight = (weight / weight.sum(1, keepdim=True).clamp(min=1e-9)).to(image)[:, margin:-margin]
    out = torch.tensordot(weight, image, dims=([1], [axis]))
    if outside:
        out += outside * (1 - weight.sum(1)).view(-1, 1, 1)
    return out.movedim(0, axis)


def normalize(image: Tensor) -> Tensor:
    """Scale an image so that its minimum becomes 0 and its bright end 1; brighter voxels are clipped at 1.2.

    Args:
        image: (X, Y, Z) float.
    """
    few = sampled(image)
    low = few.min()
    bright = few[few >= few.mean()]
    high = torch.quantile(bright, BRIGHT_QUANTILE)
    return ((image - low) / (high - low).clamp(min=1e-6)).clamp(0, 1.2)


def sampled(values: Tensor) -> Tensor:
    """Return about ``SAMPLE`` of the values, evenly spread over them, flat; all if there are fewer."""
    return values.flatten()[:: max(1, values.numel() // SAMPLE)]
