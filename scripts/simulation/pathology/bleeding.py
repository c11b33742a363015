"""Bleeds: germinal matrix, ventricle, periventricular white matter (and the cavity after it), cerebellum."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from .anatomy import CEREBELLUM, Half
from .change import BLOOD, FLUID, SWOLLEN, Change, Layer, cover, grown_to, random_field
from .flow import flow, pulled
from .fluid import widened

GROOVE = (0.13, 0.16, 0.08)
"""Caudothalamic groove, where the germinal matrix lies, as shares of the brain's half extents."""


def groove(half: Half) -> tuple[Tensor, ...]:
    """Offsets in mm from the caudothalamic groove: on the floor of the lateral ventricle near the foramen of Monro."""
    u, v, w = half.uvw
    wall = half.ventricle + 30 * torch.sqrt(((u - GROOVE[0]) / 2) ** 2 + (v - GROOVE[1]) ** 2 + (w - GROOVE[2]) ** 2)
    node = tuple(int(k) for k in torch.unravel_index(wall.argmin(), wall.shape))
    return tuple(c - c[node] for c in half.xyz)


def germinal_matrix(half: Half, diameter: float, generator: torch.Generator) -> Change:
    """A bleed into the germinal matrix, which bulges into the frontal horn."""
    x, y, z = groove(half)
    bumps = random_field(half, generator, 4.0)
    radius = diameter / 2
    # Below the wall, and longer from front to back than across.
    along = torch.sqrt((x - 0.25 * radius) ** 2 + (y / 1.4) ** 2 + ((z + 0.55 * radius) / 0.95) ** 2)
    distance = along - radius * 0.92 + 0.14 * radius * bumps
    distance = torch.maximum(distance, 0.8 - half.xyz[0])
    inside = cover(half, distance, 0.4)
    return Change(inside, (Layer(inside, BLOOD, keep=0.1, texture=0.05),), flow(half, 0.2 * inside))


def intraventricular(half: Half, percent: float, generator: torch.Generator) -> Change:
    """Blood in the lateral ventricle, which sinks to the back of an infant who lies on it, and widens the ventricle."""
    displacement, wall = widened(half, 1.0 + percent / 150)
    inside = cover(half, wall)
    clot = half.xyz[1] + 0.5 * half.xyz[2] + 2.5 * random_field(half, generator, 8.0)
    room = (wall < 0) & (half.depth > 0)
    level = grown_to(half, clot, half.millilitres(room) * percent / 100, room)
    filled = cover(half, torch.maximum(level, wall), 0.8) * inside
    return Change(
        filled, (Layer(cover(half, wall + 0.7), FLUID, keep=0.6), Layer(filled, BLOOD, texture=0.06)), displacement
    )


def fan(half: Half, millilitres: float, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """A fan of white matter that is drained by one vein, with its tip at the wall of the lateral ventricle.

    Returns:
        Its signed distance, mm, and where it may lie.
    """
    u = half.uvw[0]
    front = 0.22 * (2 * float(torch.rand(1, generator=generator)) - 1) + 0.05
    size = (millilitres / 12) ** (1 / 3)
    near = half.near((0.24 + 0.12 * size, front, 0.32 + 0.12 * size), (0.16, 0.24, 0.24))
    uneven = 3.0 * random_field(half, generator, 9.0) + 1.2 * random_field(half, generator, 4.0)
    distance = near + 0.35 * half.ventricle.clamp(min=-2) + (0.4 + 0.6 * size) * uneven
    within = (half.ventricle > -0.5) & (half.depth > 4.5) & (u > 0.08)
    return grown_to(half, distance, millilitres, within), within


def haemorrhagic_infarct(half: Half, millilitres: float, generator: torch.Generator) -> Change:
    """Periventricular haemorrhagic infarction: blood in a fan of white matter, swelling around it."""
    distance, _ = fan(half, millilitres, generator)
    growth = 0.12 * cover(half, distance, 2.0)
    displacement = flow(half, growth)
    distance = pulled(half, distance, displacement)
    wall = pulled(half, half.ventricle, displacement)
    rim, blood = cover(half, distance - 2.5, 3.0), cover(half, distance, 1.0)
    x, y, z = groove(half)
    matrix = torch.sqrt(x**2 + (y / 1.5) ** 2 + (z + 1) ** 2) - (1.2 + 0.9 * millilitres ** (1 / 3))
    layers = (
        Layer(rim * (wall > 0), SWOLLEN, keep=0.4, tissue_only=True),
        Layer(blood, BLOOD, keep=0.15, texture=0.12),
        Layer(cover(half, torch.maximum(matrix, 0.8 - half.xyz[0]), 0.5), BLOOD, keep=0.2, texture=0.05),
    )
    return Change(blood, layers, displacement)


def porencephaly(half: Half, millilitres: float, generator: torch.Generator) -> Change:
    """The cavity that a haemorrhagic infarct leaves: fluid that opens into the lateral ventricle, which is wide."""
    distance, _ = fan(half, millilitres, generator)
    displacement, wall = widened(half, 1.1 + 0.02 * millilitres)
    distance = pulled(half, distance, displacement)
    # A channel joins cavity and ventricle.
    channel = torch.maximum(distance - 2.5, wall - 2.5)
    cavity = torch.minimum(distance, channel)
    inside = cover(half, cavity)
    return Change(inside, (Layer(torch.maximum(inside, cover(half, wall + 0.7)), FLUID),), displacement)


def cerebellar(half: Half, diameter: float, generator: torch.Generator) -> Change:
    """A bleed into a cerebellar hemisphere."""
    shift = 0.06 * (2 * torch.rand(3, generator=generator) - 1)
    centre = tuple(c + float(s) for c, s in zip(CEREBELLUM[0], shift, strict=True))
    offset = [c - m * e for c, m, e in zip(half.xyz, centre, half.extent, strict=True)]
    radius = diameter / 2
    bumps = 0.16 * radius * random_field(half, generator, 6.0) + 0.06 * radius * random_field(half, generator, 3.0)
    distance = torch.sqrt((offset[0] / 1.15) ** 2 + offset[1] ** 2 + (offset[2] / 0.87) ** 2) - radius + bumps
    distance = grown_to(half, distance, math.pi / 6 * diameter**3 / 1000, (half.depth > 2) & (half.cerebellum < 0))
    displacement = flow(half, 0.1 * cover(half, distance, 1.0))
    blood, rim = cover(half, distance, 0.6), cover(half, distance - 1.5, 2.0)
    layers = (Layer(rim, SWOLLEN, keep=0.5, tissue_only=True), Layer(blood, BLOOD, keep=0.1, texture=0.08))
    return Change(blood, layers, displacement)
