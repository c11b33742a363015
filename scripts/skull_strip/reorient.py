"""Reorient a bare array to RAS and back, by permuting and flipping its axes: no voxel is interpolated."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from torch import Tensor


class Order(NamedTuple):
    """How an array's axes become right, anterior, superior.

    Attributes:
        axes: for each of the three, the axis of the array that runs along it.
        flips: those of the three that run the other way.
    """

    axes: tuple[int, ...]
    flips: tuple[int, ...]


def to_ras(array: Tensor, affine: np.ndarray) -> tuple[Tensor, Order]:
    """Put an array into the order and direction nearest to right, anterior, superior.

    Args:
        array: (X, Y, Z), on any grid.
        affine: (4, 4) voxel to RAS+ mm; without three independent axes the array stays as it is.

    Returns:
        The array, and the order that :func:`from_ras` needs.
    """
    from nibabel.orientations import io_orientation

    orientation = io_orientation(affine) if np.isfinite(affine).all() else np.full((3, 2), np.nan)
    if np.isnan(orientation).any():
        return array, Order((0, 1, 2), ())
    axes = tuple(int(k) for k in np.argsort(orientation[:, 0]))
    order = Order(axes, tuple(k for k, axis in enumerate(axes) if orientation[axis, 1] < 0))
    return array.permute(order.axes).flip(order.flips), order


def from_ras(array: Tensor, order: Order) -> Tensor:
    """Undo :func:`to_ras`."""
    return array.flip(order.flips).permute(tuple(int(k) for k in np.argsort(order.axes)))
