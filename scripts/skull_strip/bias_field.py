"""The bias field of a coil: the slow change of brightness over a brain, estimated so that it can be divided out."""

from __future__ import annotations

import torch
from torch import Tensor

from ..blur import blur
from .canvas import normalize
from .classic import AIR_SHARE

SMOOTH = 10.0
"""Standard deviation of the Gaussian that averages the logarithm, in voxels of the canvas (22 mm in an adult)."""

FLOOR = 0.05
"""Voxels darker than this share of the bright end count as this dark: the logarithm of noise means nothing."""

LARGEST_LOG = 0.7
"""The logarithm of the field is clipped here: twice as bright, or half as bright."""


def bias_field(image: Tensor, brain: Tensor) -> Tensor:
    """Estimate the bias field of a brain as its average brightness nearby.

    Grey and white matter lie side by side everywhere, so what remains after averaging over 22 mm is mostly the coil's.
    N4 (Tustison et al. 2010, doi:10.1109/TMI.2010.2046908) takes longer than the whole skull strip, and its masks were
    no better.

    Args:
        image: (X, Y, Z), not negative, on a canvas.
        brain: (X, Y, Z) boolean, a first brain mask.

    Returns:
        (X, Y, Z), positive; 1 is the brain's geometric mean, and far from the brain it is near 1.
    """
    shares = normalize(image)
    tissue = brain & (shares > AIR_SHARE)
    if not bool(tissue.any()):
        return torch.ones_like(image)
    weight = tissue.float()
    total = blur(weight * shares.clamp(min=FLOOR).log(), SMOOTH, axes=(0, 1, 2))
    field = total / blur(weight, SMOOTH, axes=(0, 1, 2)).clamp(min=1e-3)
    return (field - field[tissue].mean()).clamp(-LARGEST_LOG, LARGEST_LOG).exp()
