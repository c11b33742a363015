"""A bare array in RAS order and back, by permuting and flipping axes: no voxel is interpolated."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from torch import Tensor


class Order(NamedTuple):
    """How an array's axes become right, anterior, superior.

    Attributes:
        axes: for each of the three, the axis of the array that runs along it.
        flips: of the three, those that run the other way.
    """

    axes: tuple[int, ...]
    flips: tuple[int, ...]


def to_ras(array: Tensor, affine: np.ndarray) -> tuple[Tensor, Order]:
    """Put an array (X, Y, Z) in the order and sense nearest to right, anterior, superior.

    Args:
        array: on any grid.
        affine: (4, 4) voxel to RAS+ mm; without three independent axes the array is left as it is.

    Returns:
        The array, and what :func:`from_ras` needs.
    """
    from nibabel.orientations import io_orientation

    found = io_orientation(affine) if np.isfinite(affine).all() else np.full((3, 2), np.nan)
    if np.isnan(found).any():
        return array, Order((0, 1, 2), ())
    axes = tuple(int(k) for k in np.argsort(found[:, 0]))
    order = Order(axes, tuple(k for k, axis in enumerate(axes) if found[axis, 1] < 0))
    return array.permute(order.axes).flip(order.flips), order


def from_ras(array: Tensor, order: Order) -> Tensor:
    """Undo :func:`to_ras`."""
    return array.flip(order.flips).permute(tuple(int(k) for k in np.argsort(order.axes)))
