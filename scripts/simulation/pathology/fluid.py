"""Pathologies of fluid: a wide ventricle, cysts, and a collection over the brain."""

from __future__ import annotations

import torch
from torch import Tensor

from .anatomy import Half
from .change import FLUID, Change, Layer, cover, random_field
from .flow import calibrated, coarse_velocity, flow, follow, pulled, rest, smoothstep

PROTEIN = {"T1": (0.55, 0.0), "T2": (0.9, 0.0)}
"""Fluid with some protein: a little brighter than cerebrospinal fluid on T1, a little darker on T2."""


def widened(half: Half, factor: float) -> tuple[Tensor, Tensor]:
    """Widen the lateral ventricle to ``factor`` times its width in both directions across its length.

    Returns:
        The displacement (3, X, Y, Z) in mm, and the signed distance to the new wall.
    """
    inside = (0.5 - half.ventricle / half.step).clamp(0, 1)
    before = half.millilitres(inside)

    def after(strength: float) -> float:
        moved = flow(half, strength * inside)
        return half.millilitres((0.5 - pulled(half, half.ventricle, moved) / half.step).clamp(0, 1)) / before

    displacement = flow(half, calibrated(after, factor**2, 2.2 * (factor - 1)) * inside)
    return displacement, pulled(half, half.ventricle, displacement)


def ventriculomegaly(half: Half, factor: float, generator: torch.Generator) -> Change:
    """One lateral ventricle is wide; the tissue around it is pushed aside."""
    displacement, wall = widened(half, factor)
    inside = cover(half, wall)
    # What was fluid stays as it was; the new surface is completed where the scan shows none, as in a slit.
    core = cover(half, wall + 0.7)
    return Change(inside, (Layer(core, FLUID, keep=0.6),), displacement)


def cysts(half: Half, diameter: float, generator: torch.Generator) -> Change:
    """Cystic leukomalacia: a row of cysts in the white matter above and beside the lateral ventricle."""
    u, v, w = half.uvw
    zone = (half.ventricle > 2.0) & (half.ventricle < 9.0) & (half.depth > 8) & (w > 0.1) & (w < 0.62) & (u > 0.12)
    distance = torch.full_like(half.depth, 99.0)
    wobble = random_field(half, generator, 5.0)
    for place in torch.linspace(-0.5, 0.42, 7).tolist():
        at, size, turn = torch.rand(3, generator=generator).tolist()
        own = diameter * (0.55 + 0.45 * size)
        found = (zone & ((v - place).abs() < 0.05)).nonzero()
        if not len(found):
            continue
        node = found[int(at * len(found))]
        stretch = torch.tensor([1.0 + 0.25 * turn, 0.75, 1.1])
        offset = [(c - c[tuple(node.tolist())]) * s for c, s in zip(half.xyz, stretch, strict=True)]
        distance = torch.minimum(distance, torch.sqrt(sum(o**2 for o in offset)) - own / 2)
    if float(distance.min()) > 50:
        distance = half.near((0.28, 0.0, 0.35), (0.05, 0.05, 0.05)) + 2 - diameter / 2
    distance = distance + 0.35 * wobble
    displacement, _ = widened(half, 1.12)
    layer = Layer(cover(half, distance), FLUID)
    return Change(layer.cover, (layer,), displacement)


def collection(half: Half, thickness: float, generator: torch.Generator) -> Change:
    """A collection over one convexity, between the surface of the mask and the brain, which it pushes inwards."""
    u, v, w = half.uvw
    bumps = 0.12 * random_field(half, generator, 25.0)
    window = smoothstep(1.6 - 1.6 * torch.sqrt(((v - 0.05) / 0.8) ** 2 + ((w - 0.35) / 0.75) ** 2) + bumps)
    window = window * smoothstep((u - 0.12) / 0.3) * smoothstep((w + 0.3) / 0.3)
    local = thickness * window
    # The outermost fluid gives way to the collection: a point 0.6 mm below the surface ends at its inner border.
    inner = 0.6
    reach = 26.0
    profile = smoothstep(half.depth / 2.5) * smoothstep(1 - (half.depth - 2) / reach)
    line = torch.linspace(inner, thickness, 200)
    pace = smoothstep(line / 2.5) * smoothstep(1 - (line - 2) / reach)
    speed = float(torch.trapezoid(1 / pace.clamp(min=0.02), line)) if thickness > inner else 0.0
    inward = torch.stack(torch.gradient(half.depth, spacing=half.step))
    inward = inward / inward.norm(dim=0).clamp(min=0.5)
    across = rest(half, outline=True)
    velocity = coarse_velocity(-inward * (speed * window * profile * across))
    displacement = follow(half, velocity)
    filled = cover(half, torch.maximum(half.depth - local, 0.35 * thickness - local))
    return Change(filled, (Layer(filled, PROTEIN, texture=0.02),), displacement)
