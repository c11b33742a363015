"""Malformations of the cortex: thick and smooth, or grey matter that stayed at the ventricle."""

from __future__ import annotations

import numpy as np
import torch
from scipy import ndimage

from .anatomy import Half
from .change import TISSUE, Change, Layer, cover, grown_to, random_field

PATCH = 18.0
"""Share of the hemisphere below which the malformed cortex lies, percent."""

NODULES = 5


def malformation(half: Half, thickness: float, generator: torch.Generator) -> Change:
    """A patch of thick, smooth cortex around the Sylvian fissure, with an uneven border to the white matter."""
    tissue = ((half.levels.fluid_share(half.image) < 0.5) & (half.depth > 1.5)).numpy()
    around = round(5 / half.step)
    ball = ndimage.distance_transform_edt(~tissue) * half.step < 3.0
    closed = ndimage.distance_transform_edt(np.pad(ball, around, mode="edge")) * half.step >= 3.0
    closed = closed[(slice(around, -around),) * 3] | tissue
    below = ndimage.distance_transform_edt(closed) - ndimage.distance_transform_edt(~closed)
    below = torch.from_numpy((half.step * ndimage.gaussian_filter(below, 1.2)).astype(np.float32))
    a, b = (0.1 * (2 * torch.rand(2, generator=generator) - 1)).tolist()
    field = half.near((0.95, 0.05 + a, 0.2 + b), (0.6, 0.55, 0.5)) + 1.5 * random_field(half, generator, 14.0)
    patch = grown_to(half, field, half.millilitres(half.hemisphere) * PATCH / 100, half.hemisphere)
    window = ((2.0 - patch) / 4.0).clamp(0, 1) * (half.ventricle > 3)
    uneven = thickness + 0.9 * random_field(half, generator, 3.5) + 0.6 * random_field(half, generator, 9.0)
    band = torch.minimum(uneven - below, below + 0.3)
    inside = cover(half, -band, 0.6) * window
    # A few shallow grooves stay, so that the surface is not polished.
    return Change(inside, (Layer(inside, TISSUE, keep=0.15, texture=0.02),))


def heterotopia(half: Half, diameter: float, generator: torch.Generator) -> Change:
    """Nodules of grey matter along the outer wall of the lateral ventricle, which bulge into it."""
    u, v, _ = half.uvw
    wall = (half.ventricle.abs() < 0.8 * half.step) & (half.depth > 6)
    outward = torch.gradient(half.ventricle, spacing=half.step)[0] > 0.3
    wall = wall & outward & (u > 0.07)
    distance = torch.full_like(half.depth, 99.0)
    bumps = random_field(half, generator, 4.0)
    places = wall.nonzero()
    if len(places):
        low, high = (float(v[wall].min()), float(v[wall].max()))
        for k in range(NODULES):
            at, size, flat = torch.rand(3, generator=generator).tolist()
            place = low + (high - low) * (0.12 + 0.76 * (k + 0.5) / NODULES)
            close = places[(v[wall] - place).abs().argsort()[: max(len(places) // 12, 1)]]
            node = tuple(close[int(at * len(close))].tolist())
            x, y, z = (c - c[node] for c in half.xyz)
            radius = diameter * (0.65 + 0.35 * size) / 2
            r = torch.sqrt((x - 0.25 * radius) ** 2 + (y / (1.0 + 0.4 * flat)) ** 2 + z**2)
            distance = torch.minimum(distance, r - radius)
    if float(distance.min()) > 50:
        distance = half.near((0.24, -0.1, 0.25), (0.05, 0.05, 0.05)) + 2 - diameter / 2
    inside = cover(half, distance + 0.08 * diameter * bumps)
    return Change(inside, (Layer(inside, TISSUE, keep=0.05),))
