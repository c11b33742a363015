"""The copies of a brain, coarse to fine, that the midline search samples: a flipped image gives flipped copies."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from monai.data import MetaTensor
from monai.data.utils import to_affine_nd

from ..blur import blur
from ..io.affine import voxel_size
from ..skull_strip.bounding_box import box
from .plane import MidsagittalPlane

__all__ = ["Level", "build_pyramid"]

GRIDS = (8.0, 4.0, 2.0)
"""Distance of the sampling points at each level, coarse to fine, mm; for a slice half of it."""

MOST_PAIRS = 15_000
"""Largest number of sampled pairs: a large brain gets a coarser grid, so that it takes no longer than a small one."""

FINE_VOXEL = 0.4
"""Voxel size of the last copy as a share of its grid: thin structures at the midline (the interhemispheric fissure, the
falx) stay visible, while fewer points than voxels are compared."""

CONTRAST_RANGE = (0.02, 0.98)
"""Brain intensities outside these quantiles are clipped, so that a very bright lesion does not dominate."""

NEARBY = 1 / 3
"""Standard deviation of the Gaussian that averages the brightness nearby, as a share of the brain's mean radius (15 mm
at term): tissue is averaged out, a coil's bias field is not. Uncorrected, a field that is brighter at one side can tilt
the plane by several degrees."""

NEARBY_VOXELS = 4.0
"""That standard deviation, in voxels of the coarser grid that the average is computed on, to be quick."""

BRAIN_FLOOR = 0.3
"""Darkest brain value after rescaling to (0.3, 1.3); outside the brain it is 0, so that the outline counts, too."""

MOST_SORTED = 200_000
"""Number of brain voxels from which the quantiles are computed."""


@dataclass(frozen=True)
class Level:
    """One copy of a brain.

    Attributes:
        volume: (1, 2, X, Y, Z): intensities, 0 outside the brain, and the share of brain in each voxel; Z = 1 for a
            slice.
        affine: 4x4, its voxels to RAS+ mm.
        grid: distance of the sampling points, mm.
        centre: (3,) the brain's centre of mass, RAS+ mm.
        radius: largest distance of a brain voxel from the centre, mm.
        spread: root mean square distance of the brain's voxels from the centre, mm.
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
    name = f" of {source}" if source else ""
    image, affine = _as_volume(image, affine, name)
    image, inside, affine = _crop(image, affine, name)
    is_slice = image.shape[-1] == 1
    voxel = voxel_size(affine)[: 2 if is_slice else 3]
    pair_size = float(inside.sum()) * float(np.prod(voxel)) / 2 / MOST_PAIRS
    finest = max(pair_size, float(np.prod(voxel))) ** (1 / len(voxel))
    even = _even_out(_rescale(image, inside), inside, affine)
    both = torch.stack([_rescale(even, inside), inside.float()])[None]
    grids = [max(grid / 2 if is_slice else grid, finest) for grid in GRIDS]
    copies = [_shrink(both, affine, size) for size in (*grids[:-1], FINE_VOXEL * grids[-1])]

    mass, to_mm = copies[1][0][0, 1].double(), copies[1][1]
    index = (mass > 0).nonzero()
    share = mass[tuple(index.T)].cpu().numpy()
    points = index.cpu().numpy() @ to_mm[:3, :3].T + to_mm[:3, 3]
    centre = share @ points / share.sum()
    distance = np.linalg.norm(points - centre, axis=1)
    spread = float(np.sqrt(share @ distance**2 / share.sum()))
    return [
        Level(*_blur(copy, matrix), grid, centre, float(distance.max()), spread)
        for (copy, matrix), grid in zip(copies, grids, strict=True)
    ]


def _as_volume(image: torch.Tensor, affine: np.ndarray | torch.Tensor, name: str) -> tuple[torch.Tensor, np.ndarray]:
    """The image as a plain tensor (X, Y, Z) and its 4x4 affine; a slice has Z = 1 and lies at z = 0 mm."""
    image = torch.as_tensor(image)
    image = (image.as_tensor() if isinstance(image, MetaTensor) else image).detach().float()
    affine = np.asarray(torch.as_tensor(affine).detach().cpu(), dtype=np.float64)
    if image.ndim == 3 and image.shape[0] == 1:
        return image[0, ..., None], to_affine_nd(3, to_affine_nd(2, affine))
    image = image[0] if image.ndim == 4 and image.shape[0] == 1 else image
    if image.ndim != 3:
        raise ValueError(
            f"image{name} must be a volume (X, Y, Z) or (1, X, Y, Z), or a slice (1, X, Y), got shape "
            f"{tuple(image.shape)}: pass one channel of one head."
        )
    return image, affine


def _crop(image: torch.Tensor, affine: np.ndarray, name: str) -> tuple[torch.Tensor, torch.Tensor, np.ndarray]:
    """The image in the bounding box of the brain, the brain mask there, and the box's affine."""
    inside = image != 0
    if not bool(inside.any()):
        raise ValueError(f"the image{name} is 0 everywhere, so it has no midline: check the brain mask.")
    crop = box(inside)
    return image[crop], inside[crop], affine @ _shift([span.start for span in crop])


def _even_out(image: torch.Tensor, inside: torch.Tensor, affine: np.ndarray) -> torch.Tensor:
    """The brain divided by its mean brightness nearby, 0 outside."""
    axes = 2 if image.shape[-1] == 1 else 3
    size = float(inside.sum()) * float(np.prod(voxel_size(affine)[:axes]))
    radius = (size / np.pi) ** 0.5 if axes == 2 else (0.75 * size / np.pi) ** (1 / 3)
    small = _shrink(torch.stack([image, inside.float()])[None], affine, NEARBY * radius / NEARBY_VOXELS)[0][0]
    total, share = blur(small, NEARBY_VOXELS, axes=range(1, 1 + axes))
    nearby = F.interpolate((total / share.clamp(min=1e-3))[None, None], size=image.shape, mode="trilinear")[0, 0]
    return image / nearby.clamp(min=BRAIN_FLOOR) * inside


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
    size = np.clip(np.round(old * voxel_size(affine) / voxel).astype(int), 1, old)
    # Adaptive averaging treats both ends of an axis alike, whatever its length; strided pooling does not.
    copy = F.interpolate(both, size=size.tolist(), mode="area")
    to_fine = np.diag([*(old / size), 1.0])
    to_fine[:3, 3] = (old / size - 1) / 2
    return copy, affine @ to_fine


def _blur(volume: torch.Tensor, affine: np.ndarray) -> tuple[torch.Tensor, np.ndarray]:
    """A binomial blur, on a grid one voxel larger on every side: without it, interpolation favours some offsets."""
    is_volume = volume.shape[-1] > 1
    volume = F.pad(volume, [2 * is_volume] * 2 + [2] * 4)
    for axis in (2, 3, 4) if is_volume else (2, 3):
        inner = volume.shape[axis] - 2
        before, centre, after = (volume.narrow(axis, start, inner) for start in range(3))
        volume = 0.5 * centre + 0.25 * (before + after)
    return volume, affine @ _shift([-1, -1, -int(is_volume)])


def _shift(offset: Sequence[int]) -> np.ndarray:
    """The 4x4 matrix of a shift in voxels."""
    matrix = np.eye(4)
    matrix[:3, 3] = offset
    return matrix
