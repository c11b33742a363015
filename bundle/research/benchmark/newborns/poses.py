"""Known poses of a head in the scanner: tilted and shifted, and resampled once."""

from __future__ import annotations

import numpy as np
import torch
from monai.data import MetaTensor

from scripts.io.affine import voxel_size
from scripts.phantom.scanner import rotation

from .voxels import resampled

POSES, TILT, SHIFT = 6, 20.0, 8.0
"""Number of poses; largest tilt about each axis, degrees; largest shift along each axis, mm."""

MARGIN_MM = 15.0
"""By which the field of view is wider on every side, so that a tilted head is not cut."""

SEED = 2025
"""Of the poses, which are the same for every scan."""


def motions() -> list[np.ndarray]:
    """Return the poses: rigid motions (4, 4), RAS mm to RAS mm, about the origin."""
    rng = np.random.default_rng(SEED)
    out = []
    for _ in range(POSES):
        motion = np.eye(4)
        motion[:3, :3] = rotation(*rng.uniform(-TILT, TILT, 3))
        motion[:3, 3] = rng.uniform(-SHIFT, SHIFT, 3)
        out.append(motion)
    return out


def moved(scan: MetaTensor, motion: np.ndarray, step: float | None = None) -> MetaTensor:
    """Move a head about the centre of the field of view, and scan it again on a grid along the scanner's axes.

    Args:
        scan: (1, X, Y, Z) in RAS order.
        motion: (4, 4), see :func:`motions`.
        step: of the new grid along the superior axis, mm; by default all steps are those of the scan.

    Returns:
        (1, X, Y, Z), interpolated once.
    """
    affine = np.asarray(scan.affine, dtype=np.float64)
    sides, shape = voxel_size(affine), np.array(scan.shape[1:])
    steps = np.array([*sides[:2], step or sides[2]])
    middle = affine[:3, :3] @ ((shape - 1) / 2) + affine[:3, 3]
    size = np.ceil((shape * sides + 2 * MARGIN_MM) / steps).astype(int)
    grid = np.diag([*steps, 1.0])
    grid[:3, 3] = middle - steps * (size - 1) / 2
    about = np.eye(4)
    about[:3, 3] = middle
    inverse = about @ np.linalg.inv(motion) @ np.linalg.inv(about)
    image = resampled(scan, torch.as_tensor(inverse @ grid), (int(size[0]), int(size[1]), int(size[2])))
    image.affine = torch.as_tensor(grid)
    return image
