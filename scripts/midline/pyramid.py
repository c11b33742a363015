"""Coarse copies of a brain, from which the midline search samples: a flipped image gives the flipped copies."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from monai.data import MetaTensor
from monai.data.utils import to_affine_nd

from .plane import MidsagittalPlane

__all__ = ["Level", "build_pyramid"]

GRIDS = (8.0, 4.0, 2.0)
"""Distance of the sampling points at each level, coarse to fine, mm; a slice has half of it."""

MOST_PAIRS = 15_000
"""A large brain gets a coarser grid, so that its cost stays that of a small one."""

FINE_VOXEL = 0.4
"""Voxel of the last copy as a share of its grid: thin midline structures (the interhemispheric fissure, the
falx) survive, while fewer points than voxels are compared."""

CONTRAST_RANGE = (0.02, 0.98)
"""Brain intensities outside these quantiles are clipped: a very bright lesion must not outvote the anatomy."""

BRAIN_FLOOR = 0.3
"""Darkest brain value after rescaling to (0.3, 1.3); outside the brain is 0, so the outline counts as well."""

MOST_SORTED = 200_000
"""Brain voxels that the quantiles are read from."""


@dataclass(frozen=True)
class Level:
    """One copy of a brain.

    Attributes:
        volume: (1, 2, X, Y, Z): values, 0 outside the brain, and the share of brain in each voxel; Z = 1 for a slice.
        affine: 4x4, its voxels to RAS+ mm.
        grid: distance of the sampling points, mm.
        centre: (3,) the brain's centre of mass, RAS+ mm.
        radius: distance of the farthest brain voxel from it, mm.
        spread: root mean square distance of the brain's voxels from it, mm.
    """

    volume: torch.Tensor
    affine: np.ndarray
    grid: float
    centre: np.ndarray
    radius: float
    spread: float

    @property
    def is_slice(self) -> bool:
        """Whether the brain is one slice, which has no roll."""
        return self.volume.shape[-1] == 1

    def plane(self, candidate: np.ndarray) -> MidsagittalPlane:
        """The plane of a candidate.

        Args:
            candidate: (yaw, roll, offset), for a slice (yaw, offset): degrees, and mm along the normal from the
                centre.
        """
        yaw, roll = np.radians([candidate[0], 0.0 if self.is_slice else candidate[1]])
        normal = np.array([np.cos(roll) * np.cos(yaw), np.cos(roll) * np.sin(yaw), -np.sin(roll)])
        return MidsagittalPlane(tuple(self.centre + candidate[-1] * normal), tuple(normal))


def build_pyramid(image: torch.Tensor, affine: np.ndarray | torch.Tensor, source: str = "") -> list[Level]:
    """Build the copies of a stripped brain, one for each of ``GRIDS``, on the image's device.

    Args:
        image: (X, Y, Z) or (1, X, Y, Z) volume, or (1, X, Y) slice; exactly 0 outside the brain.
        affine: 4x4 (or 3x3 for a slice), voxel to RAS+ mm.
        source: name of the scan for error messages.

    Raises:
        ValueError: if the image has no such shape, or is 0 everywhere.
    """
    image, affine = _as_volume(image, affine, f" of {source}" if source else "")
    image, inside, affine = _crop(image, affine, f" of {source}" if source else "")
    flat = image.shape[-1] == 1
    voxel = np.linalg.norm(affine[:3, :3], axis=0)[: 2 if flat else 3]
    pair_size = float(inside.sum()) * float(np.prod(voxel)) / 2 / MOST_PAIRS
    finest = max(pair_size, float(np.prod(voxel))) ** (1 / len(voxel))
    both = torch.stack([_rescale(image, inside), inside.float()])[None]
    grids = [max(grid / 2 if flat else grid, finest) for grid in GRIDS]
    copies = [_shrink(both, affine, size) for size in (*grids[:-1], FINE_VOXEL * grids[-1])]

    mass, where = copies[1][0][0, 1].double(), copies[1][1]
    index = (mass > 0).nonzero()
    share = mass[tuple(index.T)].cpu().numpy()
    points = index.cpu().numpy() @ where[:3, :3].T + where[:3, 3]
    centre = share @ points / share.sum()
    away = np.linalg.norm(points - centre, axis=1)
    spread = float(np.sqrt(share @ away**2 / share.sum()))
    return [
        Level(*_blur(small, matrix), grid, centre, float(away.max()), spread)
        for (small, matrix), grid in zip(copies, grids, strict=True)
    ]


def _as_volume(image: torch.Tensor, affine: np.ndarray | torch.Tensor, of: str) -> tuple[torch.Tensor, np.ndarray]:
    """A plain (X, Y, Z) tensor, a slice with Z = 1 at z = 0 mm, and its 4x4 affine."""
    image = torch.as_tensor(image)
    image = (image.as_tensor() if isinstance(image, MetaTensor) else image).detach().float()
    affine = np.asarray(torch.as_tensor(affine).detach().cpu(), dtype=np.float64)
    if image.ndim == 3 and image.shape[0] == 1:
        return image[0, ..., None], to_affine_nd(3, to_affine_nd(2, affine))
    image = image[0] if image.ndim == 4 and image.shape[0] == 1 else image
    if image.ndim != 3:
        raise ValueError(
            f"image{of} must be a volume (X, Y, Z) or (1, X, Y, Z), or a slice (1, X, Y), got shape "
            f"{tuple(image.shape)}: pass one channel of one head."
        )
    return image, affine


def _crop(image: torch.Tensor, affine: np.ndarray, of: str) -> tuple[torch.Tensor, torch.Tensor, np.ndarray]:
    """The box round the brain, the brain mask there, and the box's affine."""
    inside = image != 0
    if not bool(inside.any()):
        raise ValueError(f"the image{of} is 0 everywhere, so it has no midline: check the brain mask.")
    spans = []
    for axis in range(3):
        found = inside.any(dim=(axis + 1) % 3).any(dim=(0 if axis == 2 else int(axis == 0))).nonzero().flatten()
        spans.append((int(found[0]), int(found[-1]) + 1))
    box = tuple(slice(*span) for span in spans)
    return image[box], inside[box], affine @ _shift([span[0] for span in spans])


def _rescale(image: torch.Tensor, inside: torch.Tensor) -> torch.Tensor:
    """Brain intensities from ``BRAIN_FLOOR`` to 1 above it, 0 outside."""
    brain = image[inside]
    brain = brain[:: max(1, brain.numel() // MOST_SORTED)].sort().values
    low, high = (float(brain[int(q * (brain.numel() - 1))]) for q in CONTRAST_RANGE)
    # A brain of one intensity still has an outline.
    return ((image - low) / (high - low if high > low else 1.0)).clamp(0, 1).add(BRAIN_FLOOR) * inside


def _shrink(both: torch.Tensor, affine: np.ndarray, voxel: float) -> tuple[torch.Tensor, np.ndarray]:
    """A copy with voxels of about this size, never finer than the image, and its affine."""
    old = np.array(both.shape[2:])
    step = np.linalg.norm(affine[:3, :3], axis=0)
    size = np.clip(np.round(old * step / voxel).astype(int), 1, old)
    # Adaptive averaging treats both ends of an axis alike, whatever its length; strided pooling would not.
    small = F.interpolate(both, size=size.tolist(), mode="area")
    to_fine = np.diag([*(old / size), 1.0])
    to_fine[:3, 3] = (old / size - 1) / 2
    return small, affine @ to_fine


def _blur(volume: torch.Tensor, affine: np.ndarray) -> tuple[torch.Tensor, np.ndarray]:
    """A binomial blur, one voxel wider on every side: without it interpolation itself favours some offsets."""
    thick = volume.shape[-1] > 1
    volume = F.pad(volume, [2 * thick] * 2 + [2] * 4)
    for axis in (2, 3, 4) if thick else (2, 3):
        inner = volume.shape[axis] - 2
        below, here, above = (volume.narrow(axis, start, inner) for start in range(3))
        volume = 0.5 * here + 0.25 * (below + above)
    return volume, affine @ _shift([-1, -1, -int(thick)])


def _shift(offset: Sequence[int]) -> np.ndarray:
    matrix = np.eye(4)
    matrix[:3, 3] = offset
    return matrix
