"""The box that a mask fills."""

from __future__ import annotations

import numpy as np
from torch import Tensor


def bounds(mask: Tensor) -> tuple[np.ndarray, np.ndarray]:
    """Return the first voxel and one past the last of a mask (X, Y, Z) along each axis; of the whole grid if empty."""
    low, high = np.zeros(3), np.array(mask.shape, dtype=float)
    for axis in range(3):
        hits = mask.movedim(axis, 0).flatten(1).any(1).nonzero()[:, 0]
        if len(hits):
            low[axis], high[axis] = float(hits[0]), float(hits[-1]) + 1
    return low, high


def box(mask: Tensor, margin: np.ndarray | float = 0.0) -> tuple[slice, ...]:
    """Return the slices that cut out what :func:`bounds` says, with a margin in voxels, within the grid."""
    low, high = bounds(mask)
    return tuple(slice(max(0, int(a)), int(b)) for a, b in zip(low - margin, high + margin, strict=True))
