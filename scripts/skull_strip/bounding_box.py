"""The bounding box of a mask."""

from __future__ import annotations

import numpy as np
from torch import Tensor


def bounds(mask: Tensor) -> tuple[np.ndarray, np.ndarray]:
    """Return the ends of a mask's bounding box.

    Args:
        mask: (X, Y, Z) boolean.

    Returns:
        (3,) index of the first voxel along each axis, and (3,) one past the last; those of the whole grid if the mask
        is empty.
    """
    low, high = np.zeros(3), np.array(mask.shape, dtype=float)
    for axis in range(3):
        hits = mask.movedim(axis, 0).flatten(1).any(1).nonzero()[:, 0]
        if len(hits):
            low[axis], high[axis] = float(hits[0]), float(hits[-1]) + 1
    return low, high


def box(mask: Tensor, margin: np.ndarray | float = 0.0) -> tuple[slice, ...]:
    """Return the slices that cut out a mask's bounding box.

    Args:
        mask: (X, Y, Z) boolean.
        margin: voxels to add on every side, as far as the grid reaches.
    """
    low, high = bounds(mask)
    return tuple(slice(max(0, int(a)), int(b)) for a, b in zip(low - margin, high + margin, strict=True))
