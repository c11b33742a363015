"""Size and shape of the two halves of a brain: the classic asymmetry index, and what a plausible brain looks like."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor


def hemisphere_measurements(pair: Tensor, affine: Any) -> dict[str, float]:
    """Measure the halves of a pair.

    Args:
        pair: (2, H, W[, Z]), exactly 0 outside the brain; channel 0 the patient's left.
        affine: of its right half, voxel to mm.

    Returns:
        ``left_ml`` and ``right_ml``, in ml, or in cm² for a slice; ``asymmetry_index``, (L - R) / (L + R), 0 of halves
        of the same size; ``width_over_length``, twice the widest half over the length; ``longest_mm``, the brain's
        longest side.
    """
    inside = torch.as_tensor(pair) != 0
    axes = inside.ndim - 1
    sides = np.linalg.norm(np.asarray(affine, dtype=np.float64)[:axes, :axes], axis=0)
    unit = float(sides.prod()) / (1000 if axes == 3 else 100)
    left, right = (float(half.sum()) * unit for half in inside)
    reach = [inside.movedim(1 + axis, 0).flatten(1).any(1).nonzero().flatten() for axis in range(axes)]
    extents = [float(hits.max() - hits.min() + 1) * side for hits, side in zip(reach, sides, strict=True)]
    width = 2 * float(reach[0].max() + 1) * float(sides[0])
    return {
        "left_ml": left,
        "right_ml": right,
        "asymmetry_index": (left - right) / (left + right),
        "width_over_length": width / extents[1],
        "longest_mm": max(width, *extents[1:]),
    }
