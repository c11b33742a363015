"""The similarity of a brain to its own mirror image about a plane, measured on mirrored pairs of points."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
import torch.nn.functional as F

from .plane import MidsagittalPlane, smallest_rotation
from .pyramid import Level

__all__ = ["agreement", "difference_scale", "mirrored_pairs", "similarity"]

CHUNK = 1_000_000
"""Number of points that are sampled at a time, which limits the memory."""

SEED = 20
"""Seed of the positions of the points: on a regular grid, interpolation favours some offsets."""

MIDLINE_WIDTH = 0.28
"""Standard deviation of the weight around the plane, as a share of the brain's spread (12 mm at term): structures near
the midline are the same for both hemispheres, those far from it are naturally asymmetric."""

CUT_OFF = 2.5
"""Pairs farther from the plane than this many widths don't count."""

TOLERANCE = 0.8
"""A pair that differs by this many standard deviations of all pairs counts 0.6; by three times as much, almost 0."""


def mirrored_pairs(level: Level, plane: MidsagittalPlane, near: bool = False) -> torch.Tensor:
    """Distribute points over the right hemisphere; each stands for itself and its mirror image.

    Args:
        level: the copy of the brain.
        plane: pairs are kept if at least one of the two points is brain under this plane.
        near: only near the midline, as :func:`agreement` weights them.

    Returns:
        (N, 3) points in the head's own axes (x >= 0 to the right, origin at the plane's point), mm.
    """
    radius, grid = level.radius + level.grid, level.grid
    width = CUT_OFF * MIDLINE_WIDTH * level.spread if near else radius
    steps = torch.arange(0.0, radius, grid)
    both = torch.cat([-steps.flip(0) - grid, steps])
    in_plane = torch.zeros(1)
    points = torch.cartesian_prod(steps[steps < width], both, in_plane if level.is_slice else both)
    jitter = grid * torch.rand(points.shape, generator=torch.Generator().manual_seed(SEED))
    points = points + jitter * torch.tensor([1.0, 1.0, float(not level.is_slice)])
    points = points[points.norm(dim=1) < radius].to(level.volume.device)
    # A point just outside may come inside when the plane moves by a step.
    return points[(_sample(level, points, [plane])[1] > 0).any(dim=0)]


def similarity(
    level: Level, points: torch.Tensor, planes: Sequence[MidsagittalPlane], widths: float | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Compare the two points of all pairs: the similarity of their intensities, and of the outlines of both sides.

    Source: Ardekani et al. 1997, "Automatic detection of the mid-sagittal plane in 3-D brain images", IEEE Trans.
    Med. Imaging 16:947 (of the correlation).

    Args:
        level: the copy of the brain.
        points: (N, 3) of :func:`mirrored_pairs`.
        planes: K candidates.
        widths: standard deviation of the weight around the plane, in ``MIDLINE_WIDTH``; None weights all pairs equally.

    Returns:
        (K,) normalised cross-correlation (NCC, at most 1) over the pairs of which at least one point is brain, and (K,)
        share (0 to 1) of all pairs whose points are both brain, or both outside.
    """
    weight = _near_midline(level, points, widths) if widths else torch.ones_like(points[:, 0])
    chunk = max(1, CHUNK // (2 * len(points)))
    correlations, overlaps = [], []
    for start in range(0, len(planes), chunk):
        both = _sample(level, points, planes[start : start + chunk])
        values, mask = (part.unflatten(0, (2, -1)).double() for part in both)
        correlations.append(_ncc(values[0], values[1], weight * mask.amax(dim=0)))
        overlaps.append(1 - (mask[0] - mask[1]).abs().mean(dim=-1))
    return torch.cat(correlations).cpu().numpy(), torch.cat(overlaps).cpu().numpy()


def agreement(
    level: Level, points: torch.Tensor, planes: Sequence[MidsagittalPlane], scale: float
) -> tuple[torch.Tensor, torch.Tensor]:
    """Compare the points of each pair robustly: 1 if they are equal, near 0 if they differ strongly.

    Welsch's function ``exp(-d^2 / 2 c^2)`` of the difference ``d`` ignores a lesion, a sulcus of one side or an error
    of the skull strip, whatever its size. A correlation would be biased by it.

    Args:
        level: the copy of the brain.
        points: (N, 3) of :func:`mirrored_pairs`, near the midline.
        planes: K candidates.
        scale: ``c``, see :func:`difference_scale`.

    Returns:
        Agreement (K, N) in 0..1, and the weight (K, N) of each pair: brain, near the midline.
    """
    values, mask = (part.unflatten(0, (2, -1)) for part in _sample(level, points, planes))
    agree = torch.exp(-0.5 * ((values[0] - values[1]) / scale) ** 2)
    return agree, mask.amax(dim=0) * _near_midline(level, points)


def difference_scale(level: Level, points: torch.Tensor, plane: MidsagittalPlane) -> float:
    """Measure robustly how much the two points of a pair differ near the midline.

    Returns:
        ``TOLERANCE`` standard deviations, from the median absolute difference.
    """
    values, mask = (part.unflatten(0, (2, -1))[:, 0] for part in _sample(level, points, [plane]))
    brain = mask.amax(dim=0) > 0.5
    near = points[:, 0] < 2 * MIDLINE_WIDTH * level.spread
    differences = (values[0] - values[1]).abs()[brain & near]
    # Exactly equal sides still need a scale above 0; 0.02 of the range is the noise of a good scan.
    return max(0.02, TOLERANCE * 1.4826 * float(differences.median())) if len(differences) else 0.02


def _near_midline(level: Level, points: torch.Tensor, widths: float = 1.0) -> torch.Tensor:
    """Weight (N,) of points by their distance from the plane."""
    return torch.exp(-0.5 * (points[:, 0] / (widths * MIDLINE_WIDTH * level.spread)) ** 2)


def _sample(
    level: Level, points: torch.Tensor, planes: Sequence[MidsagittalPlane]
) -> tuple[torch.Tensor, torch.Tensor]:
    """Intensities and brain mask (2 K, N) at the points under K planes, then at their mirror images; trilinear."""
    size = np.array(level.volume.shape[2:])
    # From mm to grid_sample's -1..1, whose axes are in reverse order, in one matrix.
    to_grid = np.diag([*(2 / size), 1.0])[[2, 1, 0]]
    to_grid[:, 3] = (1 / size - 1)[::-1]
    matrices = to_grid @ np.linalg.inv(level.affine) @ _frames(planes)
    matrices = torch.as_tensor(matrices, dtype=torch.float32, device=points.device)
    grid = torch.baddbmm(
        matrices[:, None, :, 3], points.expand(len(matrices), -1, -1), matrices[:, :, :3].transpose(1, 2)
    )
    values, mask = F.grid_sample(level.volume, grid[None, :, :, None], align_corners=False)[0, ..., 0]
    return values, mask


def _frames(planes: Sequence[MidsagittalPlane]) -> np.ndarray:
    """Matrices from the head's axes to RAS+ mm under K planes, then those of the mirrored axes: (2 K, 4, 4)."""
    frames = np.tile(np.eye(4), (len(planes), 1, 1))
    for frame, plane in zip(frames, planes, strict=True):
        frame[:3, :3], frame[:3, 3] = smallest_rotation(np.array(plane.normal)), plane.point
    return np.concatenate([frames, frames @ np.diag([-1.0, 1.0, 1.0, 1.0])])


def _ncc(first: torch.Tensor, second: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
    """Weighted NCC over the last axis, symmetric in its first two arguments."""
    total = weight.sum(dim=-1, keepdim=True).clamp_min(1e-9)
    first = first - (weight * first).sum(dim=-1, keepdim=True) / total
    second = second - (weight * second).sum(dim=-1, keepdim=True) / total
    cross = (weight * first * second).sum(dim=-1)
    power = (weight * first.square()).sum(dim=-1) * (weight * second.square()).sum(dim=-1)
    return cross / power.clamp_min(1e-12).sqrt()
