"""The sulci that a subject has beside those of the template, and the small hindbrain of a newborn."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from .growth import HINDBRAIN
from .template import sample

SPACING = 2.6  # scale of the field whose zeros are the sulci, mm: they are about 2.8 times as far apart
MEANDER = 1.2  # mm by which a sulcus meanders below the hull
DEEPEST = 16.0  # mm below the hull to which the field is continued along the normal of the hull
TENTORIUM = (-12.0, 0.15, -40.0)  # of the template: its height in mm behind the brain stem, its slope, and where


def sulci(
    hull: Tensor,
    axes: tuple[Tensor, Tensor, Tensor],
    step: float,
    lows: tuple[float, float, float],
    own: float,
    noise: Callable[..., Tensor],
) -> Tensor:
    """Measure the distance to the nearest sulcus: where a random field, constant along the hull's normal, is 0.

    Args:
        hull: (X, Y, Z) signed distance to the hull, mm, negative inside.
        axes: x, y and z of the nodes, (X, Y, Z) each, mm.
        step: distance of the nodes, mm.
        lows: position of the first node, mm.
        own: share of the folding that each hemisphere has for itself.
        noise: draws a field of unit variance, of a scale in mm and a share of its own.

    Returns:
        (X, Y, Z) signed distance in mm along the hull; the sign only tells the two sides of a sulcus.
    """
    gradient = torch.stack(torch.gradient(hull, spacing=step))
    gradient = gradient / gradient.norm(dim=0).clamp(min=0.5)
    outermost = torch.stack(axes) - 0.65 * hull.clamp(-DEEPEST, 2) * gradient
    # Along x the shared part of a displacement is odd, so that sulci meander symmetrically.
    x = axes[0]
    meander = MEANDER * torch.stack([torch.sign(x) * noise(3.5, own), noise(3.5, own), noise(3.5, own)])
    wave = sample((noise(SPACING, own) - 0.6 * noise(2 * SPACING, own))[None], outermost + meander, step, lows)[0]
    slope = torch.stack(torch.gradient(wave, spacing=step)).norm(dim=0)
    # To the second order: at crowns and saddles, where the slope is 0, the distance stays finite.
    size, bend = wave.abs(), float(slope.mean()) / SPACING
    return torch.sign(wave) * 2 * size / (slope + (slope * slope + 2 * bend * size).sqrt()).clamp(min=1e-6)


def hindbrain_shrunk(points: Tensor) -> Tensor:
    """Move points (3, X, Y, Z) below the tentorium, template mm, so that the hindbrain drawn there is smaller."""
    x, y, z = points
    height, slope, behind = TENTORIUM
    below = (height + slope * (y - behind) - z).clamp(min=0)
    below = below * ((-5 - y) / 15).clamp(0, 1) * ((34 + (-28 - y).clamp(0, 28) - x.abs()) / 12).clamp(0, 1)
    share = (below / 15).clamp(max=1)
    kx, ky, kz = (1 / part - 1 for part in HINDBRAIN)
    return torch.stack([x * (1 + kx * share), y + ky * share * (y - behind), z - kz * below])
