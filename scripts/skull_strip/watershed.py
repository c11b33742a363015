"""Watershed by flooding from markers: scikit-image's on a CPU, and the same in parallel on a GPU."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional as F

STEPS = 32
"""On a GPU, so many steps are taken before it is asked whether anything still changes, for asking takes longer."""

NEVER = 2**30
"""Steps to a voxel that no flood reaches."""


def flood(heights: Tensor, markers: Tensor, within: Tensor) -> Tensor:
    """Give every voxel the marker whose flood reaches it first as the water rises (Beucher & Lantuejoul 1979).

    Args:
        heights: (X, Y, Z); where no two are equal, the answer is the same on every device.
        markers: (X, Y, Z) int32, 0 where there is none.
        within: (X, Y, Z) boolean, what may be flooded, markers included.

    Returns:
        (X, Y, Z) int32 on the same device, 0 where no flood comes.
    """
    if heights.device.type != "cpu":
        return flood_in_parallel(heights, markers, within)
    from skimage.segmentation import watershed

    return torch.from_numpy(watershed(heights.numpy(), markers.numpy(), mask=within.numpy()))


def flood_in_parallel(heights: Tensor, markers: Tensor, within: Tensor) -> Tensor:
    """Flood all voxels at once, step by step, instead of one after the other in the order of their heights.

    The water reaches a voxel through the neighbour where it stands lowest; of those where it stands equally high, all
    behind the same pass, through the one that is the fewest steps behind it. So every voxel points to one neighbour,
    and the pointers lead to a marker.
    """
    where = within.nonzero(as_tuple=True)
    count, device = len(where[0]), heights.device
    index = torch.full([n + 2 for n in within.shape], count, device=device)
    index[tuple(at + 1 for at in where)] = torch.arange(count, device=device)
    faces = [[at + 1 + side * (k == axis) for k, at in enumerate(where)] for axis in range(3) for side in (-1, 1)]
    beside = torch.stack([index[tuple(face)] for face in faces])  # (6, voxels); those outside point past the end

    def around(values: Tensor, far: float) -> Tensor:
        return F.pad(values, (0, 1), value=far)[beside]

    height, marker = heights[where], markers[where]
    given = marker > 0
    level = _settled(
        lambda level: torch.where(given, height, torch.maximum(height, around(level, torch.inf).amin(0))),
        torch.where(given, height, torch.inf),
    )
    lowest = around(level, torch.inf).amin(0)
    through = around(level, torch.inf) == lowest
    itself = given | (height > lowest)  # a marker, or a pass: the water behind it stands at its height
    behind = _settled(
        lambda behind: torch.where(
            itself, 0, torch.where(through, around(behind, NEVER), NEVER).amin(0).clamp(max=NEVER - 1) + 1
        ),
        torch.where(itself, 0, NEVER),
    )
    nearest = torch.where(through, around(behind, NEVER), NEVER + 1).argmin(0)
    pointer = beside.gather(0, nearest[None])[0]
    stays = given | (level == torch.inf)
    pointer = torch.where(stays, torch.arange(count, device=device), pointer)
    flooded = torch.zeros_like(markers)
    flooded[where] = marker[_settled(lambda pointer: pointer[pointer], pointer, 1)]
    return flooded


def _settled(step: Callable[[Tensor], Tensor], values: Tensor, steps: int = STEPS) -> Tensor:
    """Repeat a step until it changes nothing."""
    while True:
        before = values
        for _ in range(steps):
            values = step(values)
        if torch.equal(values, before):
            return values
