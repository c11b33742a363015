"""Move the outline of a brain to the inner table of the skull, if bright fluid against dark bone shows it."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from ..blur import blur
from .bounding_box import box
from .canvas import sampled
from .watershed import flood

REACH_MM = 3.5
"""How far an adult's outline may move in or out; for a smaller brain in proportion to its size."""

SMOOTH_MM = 0.7
"""Standard deviation of the blur before the gradient is taken, so that noise makes no edges."""

REACH_SD, OUTER_SHARE = 1.5, 0.07
"""A mask that is blurred with a standard deviation of ``REACH_MM / REACH_SD`` has this value at ``REACH_MM`` outside a
flat outline, and 1 minus it as far inside."""

DEEP = 0.97
"""Where the blurred mask is above this, it is tissue and ventricles, well within the outline."""

TAILS = (0.005, 0.5, 0.995)
"""Quantiles of the intensities there, each as a share of the local mean: the longer tail is the fluid's."""

LOCAL_MM, STEP_MM = 10.0, 3.0
"""Standard deviation of the Gaussian of the local mean, in an adult: a bias field is even over it. It is computed from
one voxel in each such step along each axis."""


def snap_to_edge(image: Tensor, mask: Tensor, spacing: np.ndarray, size: float = 1.0) -> Tensor:
    """Move an outline to the strongest edge nearby if the fluid is bright; else return the mask unchanged.

    Bone and air are dark in every contrast. If fluid is bright (T2), its outer border is the strongest edge near the
    outline. If it is dark (T1), fluid and bone look alike, and the strongest edge would be the cortex. The edge is
    detected by watershed on the magnitude of the gradient (Beucher & Lantuejoul 1979).

    Args:
        image: (X, Y, Z).
        mask: (X, Y, Z) boolean, correct to within ``REACH_MM``.
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
    inside = _blurred(mask[crop].float(), reach / REACH_SD / spacing)
    if not _fluid_is_bright(smooth, inside > DEEP, spacing / size):
        return mask
    gradient = _steepness(smooth, spacing)
    del smooth  # a fine scan is large
    brain = inside > 1 - OUTER_SHARE
    # Only the band around the outline is flooded, from a thin shell on either side of it.
    flooded = (inside > OUTER_SHARE / 2) & (inside < 1 - OUTER_SHARE / 2)
    markers = torch.zeros_like(flooded, dtype=torch.int32)
    markers[flooded & brain], markers[flooded & (inside < OUTER_SHARE)] = 1, 2
    del inside
    snapped = mask.clone()
    snapped[crop] = (flood(gradient, markers, flooded) == 1) | brain
    return snapped


def _blurred(values: Tensor, sigma: np.ndarray) -> Tensor:
    """Blur (X, Y, Z) by a standard deviation in voxels for each axis; voxels beyond the image have no weight."""
    for axis in range(3):
        width, shape = float(sigma[axis]), [-1 if k == axis else 1 for k in range(3)]
        weight = blur(torch.ones(values.shape[axis], device=values.device), width, axes=[0])
        values = blur(values, width, axes=[axis]).div_(weight.view(shape))
    return values


def _steepness(values: Tensor, spacing: np.ndarray) -> Tensor:
    """The magnitude of the gradient of (X, Y, Z), per mm."""
    total = torch.zeros_like(values)
    for axis in range(3):
        slope = torch.gradient(values, dim=axis)[0].div_(float(spacing[axis]))
        total.addcmul_(slope, slope)
    return total.sqrt_()


def _fluid_is_bright(smooth: Tensor, deep: Tensor, spacing: np.ndarray) -> bool:
    """Whether the longer tail of a brain's intensities is the bright one; ``deep`` holds ventricles and sulci.

    Each voxel counts as a share of the local mean, so that a bias field does not make a tail.
    """
    step = np.maximum(1, np.round(STEP_MM / spacing)).astype(int)
    subsample = tuple(slice(None, None, int(k)) for k in step)
    smooth, deep = smooth[subsample], deep[subsample]
    total, weight = smooth * deep, deep.float()
    for axis, sigma in enumerate(LOCAL_MM / (spacing * step)):
        total, weight = blur(total, float(sigma), axes=[axis]), blur(weight, float(sigma), axes=[axis])
    shares = (smooth * weight / total.clamp(min=torch.finfo(total.dtype).tiny))[deep]
    if shares.numel() == 0:
        return False
    dark, middle, bright = torch.quantile(sampled(shares), torch.tensor(TAILS, device=shares.device)).tolist()
    return bright - middle > middle - dark
