"""The grid that every pathology is drawn on: the head's own axes in mm, mirrored so that the lesion's side is positive.

A pathology never sees the grid of the scan, its orientation, or which side is right. It is drawn on a canvas whose x
axis grows from the mid-sagittal plane towards the side of the lesion. Only :mod:`.apply` goes back to the voxels.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from ...midline.plane import MidsagittalPlane

SIDES = {"right": 1.0, "left": -1.0}
"""Anatomical side -> sign of the head's x axis."""

STEPS = (1.0, 2.0)
"""Finest and coarsest spacing of a canvas, mm; in between it is that of the scan."""

ACROSS = 8.0
"""How far a canvas, and so any change, reaches beyond the mid-sagittal plane, mm."""

MARGIN = 20.0
"""Room around the brain, mm: a warp that moves the outline of the brain fades out there."""


@dataclass(frozen=True)
class Canvas:
    """Nodes at equal distances in the head's axes: x to the right, 0 on the plane, y anterior, z superior.

    Attributes:
        frame: (4, 4) map from the head's axes to the scanner's, mm.
        to_voxel: (4, 4) map from the head's axes to the voxels of the scan.
        low: (3,) position of the first node, mm; x is symmetric about 0.
        shape: number of nodes along each axis.
        step: distance of the nodes, mm.
    """

    frame: np.ndarray
    to_voxel: np.ndarray
    low: np.ndarray
    shape: tuple[int, int, int]
    step: float

    @classmethod
    def around(cls, mask: np.ndarray, affine: np.ndarray, plane: MidsagittalPlane) -> Canvas:
        """Lay a canvas around the brain.

        Args:
            mask: (X, Y, Z) bool, not empty.
            affine: (4, 4) voxels to RAS+ mm.
            plane: mid-sagittal plane.
        """
        frame = plane.frame()
        to_voxel = np.linalg.inv(affine) @ frame
        step = float(np.clip(np.abs(np.linalg.det(affine[:3, :3])) ** (1 / 3), *STEPS))
        spans = [np.flatnonzero(mask.any(axis=tuple(k for k in range(3) if k != axis)))[[0, -1]] for axis in range(3)]
        corners = np.stack(np.meshgrid(*spans, indexing="ij")).reshape(3, -1)
        head = np.linalg.inv(to_voxel) @ np.vstack([corners, np.ones(8)])
        slack = 1e-3  # rounding of the affine must not decide how many nodes there are
        reach = np.ceil((np.abs(head[0]).max() + MARGIN) / step - slack)
        low = np.floor((head[:3].min(1) - MARGIN) / step + slack) * step
        high = np.ceil((head[:3].max(1) + MARGIN) / step - slack) * step
        low[0], high[0] = -reach * step, reach * step
        nx, ny, nz = (np.round((high - low) / step).astype(int) + 1).tolist()
        return cls(frame, to_voxel, low, (nx, ny, nz), step)

    def sample(self, volume: np.ndarray) -> Tensor:
        """Sample a volume (X, Y, Z) of the scan at every node, by trilinear interpolation; 0 outside the scan."""
        matrix = self.to_voxel.copy()
        matrix[:3, 3] += matrix[:3, :3] @ self.low
        matrix[:3, :3] *= self.step
        return affine_sample(torch.from_numpy(np.ascontiguousarray(volume, np.float32))[None], matrix, self.shape)[0]

    def half(self, volume: Tensor, side: str) -> Tensor:
        """Take the half of a side from a volume (X, Y, Z) on the canvas, its first axis away from the plane."""
        volume = volume if side == "right" else volume.flip(0)
        return volume[self.shape[0] // 2 - round(ACROSS / self.step) :].contiguous()

    def half_to_head(self, side: str) -> np.ndarray:
        """Return the (4, 4) map from the indices of a half to the head's axes, mm."""
        matrix = np.diag([SIDES[side] * self.step, self.step, self.step, 1.0])
        matrix[:3, 3] = [-SIDES[side] * round(ACROSS / self.step) * self.step, *self.low[1:]]
        return matrix


def affine_sample(volume: Tensor, matrix: np.ndarray, shape: tuple[int, ...]) -> Tensor:
    """Sample volumes at ``matrix @ index`` for every index of a grid, by trilinear interpolation; 0 outside.

    Args:
        volume: (C, X, Y, Z).
        matrix: (4, 4) from indices of the grid to indices of the volume.
        shape: of the grid.

    Returns:
        (C, *shape).
    """
    axes = [torch.arange(n, dtype=torch.float32) for n in shape]
    i, j, k = (axis.view([-1 if m == n else 1 for m in range(3)]) for n, axis in enumerate(axes))
    rows = [r[0] * i + r[1] * j + r[2] * k + r[3] for r in torch.from_numpy(matrix[:3]).float()]
    return sample(volume, torch.stack(rows), "zeros")


def sample(volume: Tensor, points: Tensor, padding: str = "border") -> Tensor:
    """Sample volumes (C, X, Y, Z) at index positions (3, A, B, C), by trilinear interpolation.

    Args:
        volume: to sample.
        points: positions in the indices of the volume.
        padding: ``border`` or ``zeros`` beyond the border.
    """
    sizes = volume.shape[1:]
    grid = torch.stack([points[k] * (2 / max(sizes[k] - 1, 1)) - 1 for k in (2, 1, 0)], dim=-1)
    return F.grid_sample(volume[None], grid[None], padding_mode=padding, align_corners=True)[0]
