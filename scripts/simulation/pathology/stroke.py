"""Stroke in the territory of the middle cerebral artery: fresh, faint, and weeks later."""

from __future__ import annotations

import torch
from torch import Tensor

from .anatomy import Half
from .change import FLUID, SWOLLEN, Change, Layer, cover, grown_to, random_field
from .flow import flow, pulled

WATER = {"T1": (0.0, 0.2), "T2": (0.22, 0.0)}
"""Fresh infarct: the cortex is darker on T1 and brighter on T2, and is lost in the white matter, which is brighter."""


def territory(half: Half, percent: float, generator: torch.Generator) -> Tensor:
    """Signed distance to a wedge around the Sylvian fissure, with its base at the surface, mm, negative inside.

    Args:
        half: of the head.
        percent: of the volume of the hemisphere.
        generator: moves the wedge and makes its border uneven.
    """
    u = half.uvw[0]
    a, b = (0.12 * (2 * torch.rand(2, generator=generator) - 1)).tolist()
    base = half.near((1.0, 0.02 + a, 0.12 + b), (0.62, 0.62, 0.55))
    uneven = 2.2 * random_field(half, generator, 14.0) + 1.0 * random_field(half, generator, 6.0)
    within = half.hemisphere & (u > 0.22) & (half.ventricle > 1.5)
    return grown_to(half, base + uneven, half.millilitres(half.hemisphere) * percent / 100, within)


def acute(half: Half, percent: float, generator: torch.Generator, strength: float = 1.0) -> Change:
    """A fresh infarct: tissue full of water, a little swollen, in which cortex can't be told from white matter."""
    distance = territory(half, percent, generator)
    displacement = flow(half, 0.06 * strength * cover(half, distance, 3.0))
    inside = cover(half, pulled(half, distance, displacement), 2.0)
    keep = 1 - 0.8 * strength
    return Change(inside, (Layer(inside, WATER, keep=keep, tissue_only=True),), displacement)


def faint(half: Half, percent: float, generator: torch.Generator) -> Change:
    """The same infarct, hardly visible: on the first day, or as its signal returns to normal."""
    return acute(half, percent, generator, 0.35)


def chronic(half: Half, percent: float, generator: torch.Generator) -> Change:
    """Weeks later: a cavity of fluid with a softened rim, a smaller hemisphere and a wide ventricle beside it."""
    distance = territory(half, percent, generator)
    ventricle = (0.5 - half.ventricle / half.step).clamp(0, 1)
    displacement = flow(half, 0.5 * ventricle - 0.12 * cover(half, distance, 3.0) + 0.15 * _sulci(half, distance))
    distance = pulled(half, distance, displacement)
    strands = 1.2 * random_field(half, generator, 5.0)
    rim = cover(half, distance, 2.5)
    # A thin mantle of cortex often remains over the cavity, and strands within it.
    cavity = cover(half, torch.maximum(distance + 1.8 + 0.6 * strands, 3.0 - half.depth), 0.8)
    layers = (Layer(rim, SWOLLEN, keep=0.35, tissue_only=True), Layer(cavity, FLUID, keep=0.06))
    return Change(torch.maximum(cavity, rim), layers, displacement)


def _sulci(half: Half, distance: Tensor) -> Tensor:
    """Fluid between the folds around the infarct, which takes the place of what is lost."""
    fluid = half.levels.fluid_share(half.image) * (half.depth > 0) * (half.depth < 14)
    return fluid * (distance < 8) * (half.ventricle > 2)
