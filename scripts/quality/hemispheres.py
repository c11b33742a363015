"""Measure the two hemispheres of a brain: volumes, the classic asymmetry index, and the brain's shape."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

import torch
from monai.transforms import MapTransform
from torch import Tensor

from ..io.affine import voxel_size
from .measurements import HemisphereMeasurements, add_measurements


def hemisphere_measurements(pair: Tensor, affine: Any) -> HemisphereMeasurements:
    """Measure a pair of hemispheres.

    Args:
        pair: (2, H, W[, Z]), exactly 0 outside the brain; channel 0 is the patient's left.
        affine: of the right hemisphere, voxel to mm.
    """
    inside = torch.as_tensor(pair) != 0
    axes = inside.ndim - 1
    sides = voxel_size(affine)[:axes]
    unit = float(sides.prod()) / (1000 if axes == 3 else 100)
    left, right = (float(hemisphere.sum()) * unit for hemisphere in inside)
    widths = [_extent(hemisphere, 0) * float(sides[0]) for hemisphere in inside]
    extents = [sum(widths), *(_extent(inside, axis + 1) * float(sides[axis]) for axis in range(1, axes))]
    return {
        "left_ml": left,
        "right_ml": right,
        "asymmetry_index": (left - right) / (left + right),
        "width_over_length": extents[0] / extents[1],
        "longest_mm": max(extents),
    }


class MeasureHemispheresd(MapTransform):
    """Add :func:`hemisphere_measurements` to ``meta["measurements"]``.

    Args:
        keys: of the pairs, (2, H, W[, Z]) with the affine of the right hemisphere.
        allow_missing_keys: don't raise if a key is missing.
    """

    def __call__(self, data: Mapping[Hashable, Any]) -> dict[Hashable, Any]:
        """Measure every key."""
        d = dict(data)
        for key in self.key_iterator(d):
            add_measurements(d[key], hemisphere_measurements(d[key], d[key].affine))
        return d


def _extent(inside: Tensor, axis: int) -> int:
    """Return how many voxels lie between the first and the last one of a mask along an axis, both included."""
    hit = inside.movedim(axis, 0).flatten(1).any(1).nonzero().flatten()
    return int(hit[-1] - hit[0] + 1) if len(hit) else 0
