"""Where in the brain a lesion lies, whatever the brain's size."""

from __future__ import annotations

import torch
from torch import Tensor


def lesion_position(label: Tensor, image: Tensor) -> tuple[Tensor, Tensor]:
    """Say how far from the midline and how far to the front the middle of each lesion is.

    Args:
        label: lesion masks (N, 2, H, W); H from the midline outwards, W from posterior to anterior.
        image: their pairs (N, 2, H, W), background 0.

    Returns:
        ``lateral_position`` (N,), from 0 at the midline to 1 at the outermost brain of the slice, and
        ``anterior_position`` (N,), from 0 at the brain's back to 1 at its front; both 0 where there is no lesion.
    """
    lesion, brain = label.sum(1), (image != 0).any(1)  # (N, H, W)
    count = lesion.sum((1, 2))
    row, column = ((lesion.sum(other) * _index(lesion.sum(other))).sum(1) / count.clamp(min=1) for other in (2, 1))
    along, across = brain.any(2), brain.any(1)  # (N, H), (N, W)
    outermost = (along * _index(along)).amax(1).clamp(min=1)
    last = (across * _index(across)).amax(1)
    first = across.shape[1] - 1 - (across.flip(1) * _index(across)).amax(1)
    front = (column - first) / (last - first).clamp(min=1)
    found = count > 0
    return torch.where(found, row / outermost, 0.0), torch.where(found, front, 0.0)


def _index(values: Tensor) -> Tensor:
    return torch.arange(values.shape[1], device=values.device, dtype=torch.float32)
