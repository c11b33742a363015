"""How much a brain looks like its own mirror image about a plane: mirrored pairs of points are compared."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
import torch.nn.functional as F

from .plane import MidsagittalPlane, smallest_rotation
from .pyramid import Level

__all__ = ["agreement", "difference_scale", "likeness", "mirrored_pairs"]

CHUNK = 1_000_000
"""Points sampled at a time; bounds the memory."""

SEED = 20
"""Of the private generator that scatters the points: on a regular grid, interpolation favours some offsets."""

MIDLINE_WIDTH = 0.28
"""Standard deviation of the weight round the plane, as a share of the brain's spread (12 mm at term): what lies
near the midline is the same for both halves, what lies far from it has its natural asymmetry."""

CUT_OFF = 2.5
"""Pairs farther from the plane than this many widths no longer count."""

TOLERANCE = 0.8
"""A pair that differs by this many standard deviations of all pairs counts 0.6; by three times as much, nothing."""


def mirrored_pairs(level: Level, plane: MidsagittalPlane, near: bool = False) -> torch.Tensor:
    """Scatter points over the right half of a brain; each stands for itself and its mirror image.

    Args:
        level: the copy of the brain.
        plane: pairs are kept if at least one member touches the brain under this plane.
        near: only close to the midline, as :func:`agreement` weighs them.

    Returns:
        (N, 3) points in the head's own axes (x >= 0 to the right, origin at the plane's point), mm.
    """
    reach, grid = level.radius + level.grid, level.grid
    width = CUT_OFF * MIDLINE_WIDTH * level.spread if near else reach
    steps = torch.arange(0.0, reach, grid)
    both = torch.cat([-steps.flip(0) - grid, steps])
    flat = torch.zeros(1)
    points = torch.cartesian_prod(steps[steps < width], both, flat if level.is_slice else both)
    scatter = grid * torch.rand(points.shape, generator=torch.Generator().manual_seed(SEED))
    points = points + scatter * torch.tensor([1.0, 1.0, float(not level.is_slice)])
    points = points[points.norm(dim=1) < reach].to(level.volume.device)
    # A point just outside may come inside when the plane moves by a step.
    return points[(_sample(level, points, [plane])[1] > 0).any(dim=0)]


def likeness(
    level: Level, points: torch.Tensor, planes: Sequence[MidsagittalPlane], widths: float | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Compare the two members of all pairs: how alike their values are, and how alike the outlines of the halves.

    Source: Ardekani et al. 1997, "Automatic detection of the mid-sagittal plane in 3-D brain images", IEEE Trans.
    Med. Imaging 16:947 (of the correlation).

    Args:
        level: the copy of the brain.
        points: (N, 3) of :func:`mirrored_pairs`.
        planes: K candidates.
        widths: standard deviation of the weight round the plane, in ``MIDLINE_WIDTH``; None weighs all pairs alike.

    Returns:
        (K,) normalised cross-correlation (NCC, at most 1) over the pairs of which at least one member is brain, and
        (K,) share (0 to 1) of all pairs whose members are both brain, or both outside.
    """
    near = _nearness(level, points, widths) if widths else torch.ones_like(points[:, 0])
    chunk = max(1, CHUNK // (2 * len(points)))
    correlations, overlaps = [], []
    for start in range(0, len(planes), chunk):
        both = _sample(level, points, planes[start : start + chunk])
        values, mask = (part.unflatten(0, (2, -1)).double() for part in both)
        correlations.append(_ncc(values[0], values[1], near * mask.amax(dim=0)))
        overlaps.append(1 - (mask[0] - mask[1]).abs().mean(dim=-1))
    return torch.cat(correlations).cpu().numpy(), torch.cat(overlaps).cpu().numpy()


def agreement(
    level: Level, points: torch.Tensor, planes: Sequence[MidsagittalPlane], scale: float
) -> tuple[torch.Tensor, torch.Tensor]:
    """Compare the members of each pair robustly: 1 if they are equal, 0 if they differ by much.

    Welsch's function ``exp(-d^2 / 2 c^2)`` of the difference ``d``: a lesion, a sulcus of one side or an error of
    the skull strip is set aside, whatever its size, where a correlation would be drawn by it.

    Args:
        level: the copy of the brain.
        points: (N, 3) of :func:`mirrored_pairs`, near the midline.
        planes: K candidates.
        scale: ``c``, see :func:`difference_scale`.

    Returns:
        Agreement (K, N) in 0..1, and the weight (K, N) of each pair: brain, near the midline.
    """
    values, mask = (part.unflatten(0, (2, -1)) for part in _sample(level, points, planes))
    alike = torch.exp(-0.5 * ((values[0] - values[1]) / scale) ** 2)
    return alike, mask.amax(dim=0) * _nearness(level, points)


def difference_scale(level: Level, points: torch.Tensor, plane: MidsagittalPlane) -> float:
    """Measure how much the two members of a pair differ near the midline, robustly.

    Returns:
        ``TOLERANCE`` standard deviations, from the median absolute difference.
    """
    values, mask = (part.unflatten(0, (2, -1))[:, 0] for part in _sample(level, points, [plane]))
    brain = mask.amax(dim=0) > 0.5
    near = points[:, 0] < 2 * MIDLINE_WIDTH * level.spread
    differences = (values[0] - values[1]).abs()[brain & near]
    # Exactly equal halves still need a width; 0.02 of the range is the noise of a good scan.
    return max(0.02, TOLERANCE * 1.4826 * float(differences.median())) if len(differences) else 0.02


def _nearness(level: Level, points: torch.Tensor, widths: float = 1.0) -> torch.Tensor:
    """Weight (N,) of points by their distance from the plane."""
    return torch.exp(-0.5 * (points[:, 0] / (widths * MIDLINE_WIDTH * level.spread)) ** 2)


def _sample(
    level: Level, points: torch.Tensor, planes: Sequence[MidsagittalPlane]
) -> tuple[torch.Tensor, torch.Tensor]:
    """Values and brain mask (2 K, N) at the points under K planes, then at their mirror images; trilinear."""
    size = np.array(level.volume.shape[2:])
    # From mm to grid_sample's -1..1, which counts the axes backwards; one matrix for all that lies between.
    to_grid = np.diag([*(2 / size), 1.0])[[2, 1, 0]]
    to_grid[:, 3] = (1 / size - 1)[::-1]
    matrices = to_grid @ np.linalg.inv(level.affine) @ _frames(planes)
    matrices = torch.as_tensor(matrices, dtype=torch.float32, device=points.device)
    where = torch.baddbmm(
        matrices[:, None, :, 3], points.expand(len(matrices), -1, -1), matrices[:, :, :3].transpose(1, 2)
    )
    values, mask = F.grid_sample(level.volume, where[None, :, :, None], align_corners=False)[0, ..., 0]
    return values, mask


def _frames(planes: Sequence[MidsagittalPlane]) -> np.ndarray:
    """Maps from the right half's axes to RAS+ mm under K planes, then those of the mirrored half: (2 K, 4, 4)."""
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
