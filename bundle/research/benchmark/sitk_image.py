"""Voxels with an affine as an image of SimpleITK, in RAS+ mm."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def sitk_image(voxels: NDArray[np.float32], affine: NDArray[np.float64]) -> Any:
    """Return an image whose space is RAS+ mm: ITK takes any right- or left-handed frame.

    Args:
        voxels: (X, Y, Z).
        affine: (4, 4) voxel to RAS+ mm.
    """
    import SimpleITK as sitk  # noqa: N813

    spacing = np.linalg.norm(affine[:3, :3], axis=0)
    image = sitk.GetImageFromArray(np.ascontiguousarray(voxels.transpose(2, 1, 0)))
    image.SetSpacing(spacing.tolist())
    image.SetOrigin(affine[:3, 3].tolist())
    image.SetDirection((affine[:3, :3] / spacing).ravel().tolist())
    return image
