"""Watershed by flooding from markers: scikit-image's on a CPU, and the same in parallel on a GPU."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional as F

STEPS = 32
"""Steps on a GPU between two checks whether anything still changes: a check takes longer than a step."""

NEVER = 2**30
"""Number of steps to a voxel that no flood reaches."""


def flood(heights: Tensor, markers: Tensor, within: Tensor) -> Tensor:
    """Give every voxel the marker whose flood reaches it first as the water rises (Beucher & Lantuejoul 1979).

    Args:
        heights: (X, Y, Z); if no two are equal, the result is the same on every device.
        markers: (X, Y, Z) int32, 0 where there is no marker.
        within: (X, Y, Z) boolean, the voxels that may be flooded, markers included.

    Returns:
        (X, Y, Z) int32 on the same device, 0 where no flood arrives.
    """
    if heights.device.type != "cpu":
        return flood_in_parallel(heights, markers, within)
    from skimage.segmentation import watershed

    return torch.from_numpy(watershed(heights.numpy(), markers.numpy(), mask=within.numpy()))


def flood_in_parallel(heights: Tensor, markers: Tensor, within: Tensor) -> Tensor:
    """Flood all voxels at once, step by step, instead of one after the other in the order of their heights.

    The water reaches a voxel through the neighbour with the lowest water level. If several have the same level, they
    are behind the same pass, and the neighbour with the fewest steps to it counts. So every voxel points to one
    neighbour, and the pointers lead to a marker. Arguments and result are those of :func:`flood`.
    """
    voxels = within.nonzero(as_tuple=True)
    count, device = len(voxels[0]), heights.device
    index = torch.full([n + 2 for n in within.shape], count, device=device)
    index[tuple(position + 1 for position in voxels)] = torch.arange(count, device=device)
    faces = [
        [position + 1 + side * (k == axis) for k, position in enumerate(voxels)]
        for axis in range(3)
        for side in (-1, 1)
    ]
    neighbours = torch.stack([index[tuple(face)] for face in faces])  # (6, voxels); those outside point past the end

    def at_neighbours(values: Tensor, outside: float) -> Tensor:
        return F.pad(values, (0, 1), value=outside)[neighbours]

    height, marker = heights[voxels], markers[voxels]
    is_marker = marker > 0
    level = _until_stable(
        lambda level: torch.where(is_marker, height, torch.maximum(height, at_neighbours(level, torch.inf).amin(0))),
        torch.where(is_marker, height, torch.inf),
    )
    lowest = at_neighbours(level, torch.inf).amin(0)
    through = at_neighbours(level, torch.inf) == lowest
    is_source = is_marker | (height > lowest)  # or a pass: its own height is the water level behind it
    behind = _until_stable(
        lambda behind: torch.where(
            is_source, 0, torch.where(through, at_neighbours(behind, NEVER), NEVER).amin(0).clamp(max=NEVER - 1) + 1
        ),
        torch.where(is_source, 0, NEVER),
    )
    nearest = torch.where(through, at_neighbours(behind, NEVER), NEVER + 1).argmin(0)
    pointer = neighbours.gather(0, nearest[None])[0]
    stays = is_marker | (level == torch.inf)
    pointer = torch.where(stays, torch.arange(count, device=device), pointer)
    flooded = torch.zeros_like(markers)
    flooded[voxels] = marker[_until_stable(lambda pointer: pointer[pointer], pointer, 1)]
    return flooded


def _until_stable(step: Callable[[Tensor], Tensor], values: Tensor, steps: int = STEPS) -> Tensor:
    """Repeat a step until it changes nothing."""
    while True:
        before = values
        for _ in range(steps):
            values = step(values)
        if torch.equal(values, before):
            return values
