"""The slow change of brightness over a brain that a coil makes, found within a first mask, so as to divide by it."""

from __future__ import annotations

import torch
from torch import Tensor

from ..blur import blur
from .canvas import normalize
from .classic import AIR_SHARE

SMOOTH = 10.0
"""Standard deviation, in voxels of the canvas (22 mm in an adult), over which the logarithm is averaged."""

FLOOR = 0.05
"""Darker than this share of the bright end counts as this dark: the logarithm of noise says nothing."""

MOST = 0.7
"""A field's logarithm is cut here: twice as bright or half as bright."""


def bias_field(drawn: Tensor, brain: Tensor) -> Tensor:
    """Find the field by which a brain is brighter here than there, as its average brightness near.

    Grey and white matter lie side by side everywhere, so what is left over 22 mm is mostly the coil's. N4 (Tustison et
    al. 2010, doi:10.1109/TMI.2010.2046908) takes longer than the whole strip, and gave masks no better.

    Args:
        drawn: (X, Y, Z), not negative, on a canvas.
        brain: (X, Y, Z) boolean.

    Returns:
        (X, Y, Z), positive, near 1 in the brain's geometric mean and far from it.
    """
    shares = normalize(drawn)
    where = brain & (shares > AIR_SHARE)
    if not bool(where.any()):
        return torch.ones_like(drawn)
    weight = where.float()
    total = blur(weight * shares.clamp(min=FLOOR).log(), SMOOTH, axes=(0, 1, 2))
    field = total / blur(weight, SMOOTH, axes=(0, 1, 2)).clamp(min=1e-3)
    return (field - field[where].mean()).clamp(-MOST, MOST).exp()
