"""Warps in which tissue grows, shrinks and is pushed aside: smooth, and invertible by construction.

Growth is the divergence of a flow. The flow is the gradient of a potential that solves Poisson's equation, so that
tissue around a growth moves aside as an elastic body does, less the farther away it is. The flow is followed for a unit
of time by scaling and squaring (Arsigny et al. 2006, doi:10.1007/11866565_113), which keeps every point's order.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from scipy import fft
from torch import Tensor
from torch.nn import functional as F

from .anatomy import Half
from .canvas import ACROSS, MARGIN, sample

COARSER = 2
"""A flow is computed on a grid this much coarser than the canvas: it is smooth."""

SQUARINGS = 6
RIM = 3.0
"""Depth within which a flow comes to rest below the surface of the brain, mm."""


def smoothstep(value: Tensor) -> Tensor:
    """Rise smoothly from 0 at 0 to 1 at 1."""
    value = value.clamp(0, 1)
    return value * value * (3 - 2 * value)


def rest(half: Half, outline: bool = False) -> Tensor:
    """Where a flow may move: not across the midline for long, and not the surface of the brain.

    Args:
        half: of the head.
        outline: the surface of the brain moves, too, and what lies around it; farther out all is at rest.
    """
    across = smoothstep((half.xyz[0] + ACROSS) / (ACROSS + 2))
    outer = smoothstep(1 + (half.depth + 3) / (MARGIN - 6)) if outline else smoothstep(half.depth / RIM)
    return across * outer


def flow(half: Half, growth: Tensor, outline: bool = False) -> Tensor:
    """Return the displacement of a growth.

    Args:
        half: of the head.
        growth: (X, Y, Z) natural logarithm of the local change of volume; tissue elsewhere yields to it, fluid most.
        outline: see :func:`rest`.

    Returns:
        (3, X, Y, Z) mm: a point of the changed head shows what was at the point plus this displacement.
    """
    yields = (half.depth < 0).float() if outline else _yielding(half, growth)
    growth, yields = (_coarse(field) for field in (growth, yields))
    growth = growth - yields * (growth.sum() / yields.sum().clamp(min=1e-6))
    velocity = _gradient_of_potential(growth, COARSER * half.step) * _coarse(rest(half, outline))
    return follow(half, -velocity)


def follow(half: Half, velocity: Tensor) -> Tensor:
    """Follow a steady velocity (3, x, y, z) on the coarse grid, mm per unit of time, for one unit; see :func:`flow`."""
    spacing = COARSER * half.step
    moved = velocity / spacing / 2**SQUARINGS
    nodes = torch.stack(torch.meshgrid(*(torch.arange(n, dtype=torch.float32) for n in moved.shape[1:]), indexing="ij"))
    for _ in range(SQUARINGS):
        moved = moved + sample(moved, nodes + moved)
    return _fine(moved * spacing, half.image.shape)


def coarse_velocity(velocity: Tensor) -> Tensor:
    """Bring a velocity (3, X, Y, Z) of the canvas to the grid of :func:`follow`."""
    return torch.stack([_coarse(part) for part in velocity])


def pulled(half: Half, field: Tensor, displacement: Tensor) -> Tensor:
    """Return a field (X, Y, Z) after a displacement."""
    nodes = torch.stack(torch.meshgrid(*(torch.arange(n, dtype=torch.float32) for n in field.shape), indexing="ij"))
    return sample(field[None], nodes + displacement / half.step)[0]


def calibrated(measure: Callable[[float], float], target: float, start: float, tries: int = 4) -> float:
    """Find the strength at which a measure reaches its target, by secants.

    Args:
        measure: of a strength; 1 at a strength of 0, and monotone.
        target: above 0.
        start: first guess.
        tries: how often it is measured.
    """
    strength, known = start, [(0.0, 0.0)]
    for _ in range(tries):
        reached = float(np.log(max(measure(strength), 1e-3)))
        if abs(reached - np.log(target)) < 0.004:
            break
        known.append((strength, reached))
        (a, p), (b, q) = known[-2:]
        slope = (q - p) / (b - a) if abs(b - a) > 1e-6 else 1.0
        slope = slope if slope > 0.05 else max(q / b, 0.05)
        strength = float(np.clip(b + (np.log(target) - q) / slope, -3.0, 3.0))
    return strength


def jacobian(displacement: Tensor, step: float) -> Tensor:
    """Return the determinant (X, Y, Z) of the map of a displacement (3, X, Y, Z) in mm: above 0 if it is invertible."""
    rows = [torch.stack(torch.gradient(part, spacing=step)) for part in displacement]
    matrix = torch.stack(rows).movedim((0, 1), (-2, -1)) + torch.eye(3)
    return torch.linalg.det(matrix)


def _yielding(half: Half, growth: Tensor) -> Tensor:
    """How readily each place gives way: fluid near the surface most, then tissue; what grows itself does not."""
    fluid = half.levels.fluid_share(half.image) * (half.depth < 12)
    return (half.depth > 0) * (0.12 + fluid) * (growth.abs() < 1e-3)


def _coarse(field: Tensor) -> Tensor:
    return F.avg_pool3d(field[None, None], 3, COARSER, padding=1, count_include_pad=False)[0, 0]


def _fine(field: Tensor, shape: torch.Size) -> Tensor:
    axes = [torch.arange(n, dtype=torch.float32) / COARSER for n in shape]
    return sample(field, torch.stack(torch.meshgrid(*axes, indexing="ij")))


def _gradient_of_potential(divergence: Tensor, spacing: float) -> Tensor:
    """Solve Poisson's equation with walls that let nothing pass, by cosine transforms, and return the gradient."""
    transformed = fft.dctn(divergence.numpy(), type=2)
    along = [(2 * np.cos(np.pi * np.arange(n) / n) - 2) / spacing**2 for n in divergence.shape]
    eigen = along[0][:, None, None] + along[1][:, None] + along[2]
    eigen[0, 0, 0] = 1.0
    transformed /= eigen
    transformed[0, 0, 0] = 0.0
    potential = torch.from_numpy(fft.idctn(transformed, type=2).astype(np.float32))
    return torch.stack(torch.gradient(potential, spacing=spacing))
