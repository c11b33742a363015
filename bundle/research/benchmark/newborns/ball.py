"""A lesion in space: a ball of another intensity, at the same place in the scanner whatever the scan's grid."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from monai.data import MetaTensor
from numpy.typing import NDArray

from scripts.midline.plane import MidsagittalPlane
from scripts.network.score import SIDES

EDGE_MM = 1.0
"""Width over which the outline fades, about that of a scan's blur."""


def place_ball(
    brain: NDArray[np.bool_],
    affine: NDArray[np.float64],
    spacing: Sequence[float] | NDArray[np.float64],
    plane: MidsagittalPlane,
    side: str,
    diameter: float,
    rng: np.random.Generator,
) -> NDArray[np.float64]:
    """Choose the centre of a ball at random, so that it lies in the brain on one side of the midline.

    Args:
        brain: (X, Y, Z).
        affine: (4, 4), its voxels to RAS mm.
        spacing: voxel size along each axis, mm.
        plane: the mid-sagittal plane.
        side: ``left`` or ``right``.
        diameter: mm.
        rng: source of randomness.

    Returns:
        (3,) RAS mm. A ball that fits nowhere lies where it fits best.
    """
    from scipy.ndimage import distance_transform_edt

    voxels = np.argwhere(brain)
    depth = distance_transform_edt(np.pad(brain, 1), sampling=spacing)[1:-1, 1:-1, 1:-1][tuple(voxels.T)]
    points = voxels @ affine[:3, :3].T + affine[:3, 3]
    lateral = (points - np.array(plane.point)) @ np.array(plane.normal) * (1 if side == SIDES[1] else -1)
    room = np.minimum(depth, lateral)
    fits = np.flatnonzero(room >= min(diameter / 2, float(room.max())))
    return points[rng.choice(fits)]


def draw_ball(brain: MetaTensor, centre: NDArray[np.float64], diameter: float, contrast: float) -> MetaTensor:
    """Shift the intensities in a ball; texture and noise stay.

    Args:
        brain: (1, X, Y, Z), exactly 0 outside the brain; the background stays 0.
        centre: (3,) RAS mm.
        diameter: mm.
        contrast: added in the ball.
    """
    affine = torch.as_tensor(brain.affine, dtype=torch.float64)
    index = torch.stack(torch.meshgrid(*(torch.arange(n) for n in brain.shape[1:]), indexing="ij"), -1).double()
    points = index @ affine[:3, :3].T + affine[:3, 3]
    outside = (points - torch.as_tensor(centre)).norm(dim=-1) - diameter / 2
    share = (0.5 - outside / EDGE_MM).clamp(0, 1).float()
    voxels = brain.as_tensor()
    changed = torch.where(voxels != 0, voxels + contrast * share, voxels)
    return MetaTensor(changed).copy_meta_from(brain)
