"""The position of a lesion relative to the size of the brain."""

from __future__ import annotations

import torch
from torch import Tensor


def lesion_position(label: Tensor, image: Tensor) -> tuple[Tensor, Tensor]:
    """Return how far lateral and how far anterior the centre of each lesion lies.

    Args:
        label: lesion masks (N, 2, H, W); H from the midline outwards, W from posterior to anterior.
        image: their pairs (N, 2, H, W), background 0.

    Returns:
        ``lateral_position`` (N,), from 0 at the midline to 1 at the most lateral brain of the slice, and
        ``anterior_position`` (N,), from 0 at the most posterior to 1 at the most anterior brain. Both are 0 where there
        is no lesion.
    """
    lesion, brain = label.sum(1), (image != 0).any(1)  # (N, H, W)
    count = lesion.sum((1, 2))
    row, column = (_mean_index(lesion.sum(axis), count) for axis in (2, 1))
    along, across = brain.any(2), brain.any(1)  # (N, H), (N, W)
    most_lateral = (along * _index(along)).amax(1).clamp(min=1)
    last = (across * _index(across)).amax(1)
    first = across.shape[1] - 1 - (across.flip(1) * _index(across)).amax(1)
    anterior = (column - first) / (last - first).clamp(min=1)
    has_lesion = count > 0
    return torch.where(has_lesion, row / most_lateral, 0.0), torch.where(has_lesion, anterior, 0.0)


def _mean_index(pixels: Tensor, count: Tensor) -> Tensor:
    return (pixels * _index(pixels)).sum(1) / count.clamp(min=1)


def _index(values: Tensor) -> Tensor:
    return torch.arange(values.shape[1], device=values.device, dtype=torch.float32)
