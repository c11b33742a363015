"""Moving the outline of a brain to the inner table of the skull, where bright fluid against dark bone shows it."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from ..blur import blur
from .bounding_box import box
from .canvas import sampled
from .watershed import flood

REACH_MM = 3.5
"""How far an adult's outline may move, either way; a smaller brain's as much less as it is smaller."""

SMOOTH_MM = 0.7
"""Standard deviation of the blur before edges are looked for, so that noise makes none."""

FAR, BEYOND = 1.5, 0.07
"""A blur with a standard deviation of ``REACH_MM / FAR`` leaves this share of a mask ``REACH_MM`` outside of a flat
outline, and takes as much within."""

DEEP = 0.97
"""Of the blurred mask: what lies above is tissue and ventricles, well within the outline."""

TAILS = (0.005, 0.5, 0.995)
"""Quantiles of the intensities there, each as a share of what is near: the longer tail is the fluid's."""

NEAR_MM, STEP_MM = 10.0, 3.0
"""Near is a Gaussian of this standard deviation, in an adult: over it a bias field is even. One voxel in each such
step, along each axis, stands for all."""


def snap_to_edge(image: Tensor, mask: Tensor, spacing: np.ndarray, size: float = 1.0) -> Tensor:
    """Move an outline to the strongest edge near it, if the fluid is bright; else there is none, and it stays.

    Bone and air are dark in every contrast. Where fluid is bright (T2), the outer border of the fluid is the strongest
    edge near any outline; where it is dark (T1), fluid and bone can't be told apart, and the strongest edge would be
    the cortex. The edge is found by watershed on the gradient's magnitude (Beucher & Lantuejoul 1979).

    Args:
        image: (X, Y, Z).
        mask: (X, Y, Z) boolean, right to within ``REACH_MM``.
        spacing: voxel size, mm.
        size: of the brain, as a share of an adult's.

    Returns:
        (X, Y, Z) boolean on the same device.
    """
    if not bool(mask.any()):
        return mask
    reach = REACH_MM * size
    crop = box(mask, np.ceil(2 * reach / spacing).astype(int) + 1)
    smooth = _blurred(image[crop].float(), SMOOTH_MM * size / spacing)
    inside = _blurred(mask[crop].float(), reach / FAR / spacing)
    if not _fluid_is_bright(smooth, inside > DEEP, spacing / size):
        return mask
    gradient = _steepness(smooth, spacing)
    del smooth  # a fine scan is large
    brain = inside > 1 - BEYOND
    # Only the band between is flooded, from a thin shell on either side of it.
    flooded = (inside > BEYOND / 2) & (inside < 1 - BEYOND / 2)
    markers = torch.zeros_like(flooded, dtype=torch.int32)
    markers[flooded & brain], markers[flooded & (inside < BEYOND)] = 1, 2
    del inside
    snapped = mask.clone()
    snapped[crop] = (flood(gradient, markers, flooded) == 1) | brain
    return snapped


def _blurred(values: Tensor, sigma: np.ndarray) -> Tensor:
    """Blur (X, Y, Z) by a standard deviation in voxels for each axis; what lies beyond the image doesn't count."""
    for axis in range(3):
        width, shape = float(sigma[axis]), [-1 if other == axis else 1 for other in range(3)]
        within = blur(torch.ones(values.shape[axis], device=values.device), width, axes=[0])
        values = blur(values, width, axes=[axis]).div_(within.view(shape))
    return values


def _steepness(values: Tensor, spacing: np.ndarray) -> Tensor:
    """The magnitude of the gradient of (X, Y, Z)."""
    total = torch.zeros_like(values)
    for axis in range(3):
        slope = torch.gradient(values, dim=axis)[0].div_(float(spacing[axis]))
        total.addcmul_(slope, slope)
    return total.sqrt_()


def _fluid_is_bright(smooth: Tensor, deep: Tensor, spacing: np.ndarray) -> bool:
    """Whether the longer tail of a brain's intensities is the bright one; ``deep`` holds ventricles and sulci.

    Each voxel counts as a share of the mean about it, lest the longer tail be a bias field's.
    """
    step = np.maximum(1, np.round(STEP_MM / spacing)).astype(int)
    few = tuple(slice(None, None, int(k)) for k in step)
    smooth, deep = smooth[few], deep[few]
    total, weight = smooth * deep, deep.float()
    for axis, sigma in enumerate(NEAR_MM / (spacing * step)):
        total, weight = blur(total, float(sigma), axes=[axis]), blur(weight, float(sigma), axes=[axis])
    shares = (smooth * weight / total.clamp(min=torch.finfo(total.dtype).tiny))[deep]
    if shares.numel() == 0:
        return False
    dark, middle, bright = torch.quantile(sampled(shares), torch.tensor(TAILS, device=shares.device)).tolist()
    return bright - middle > middle - dark
