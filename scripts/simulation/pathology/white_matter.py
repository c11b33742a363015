"""White matter: punctate lesions, and an internal capsule without its signal."""

from __future__ import annotations

import torch

from .anatomy import Half
from .change import Change, Layer, cover

SPOT = {"T1": (0.0, 2.6), "T2": (0.0, 1.3)}
"""A punctate lesion: bright on T1, dark on T2."""

UNMYELINATED = {"T1": (0.15, 0.4), "T2": (0.05, 0.5)}
"""The internal capsule without its signal: like the nuclei around it, or a little fuller of water."""

SPOTS = 8
CAPSULE = (0.33, 0.03, 0.08)
"""Centre of the posterior limb of the internal capsule, as shares of the brain's half extents."""


def punctate(half: Half, diameter: float, generator: torch.Generator) -> Change:
    """Several small spots in the white matter beside the body and the back of the lateral ventricle."""
    u, v, w = half.uvw
    zone = (half.ventricle > 3) & (half.ventricle < 12) & (half.depth > 9) & (u > 0.14) & (w > 0.22) & (w < 0.62)
    zone = zone & (v > -0.62) & (v < 0.45) & (half.levels.fluid_share(half.image) < 0.2)
    distance = torch.full_like(half.depth, 99.0)
    for k in range(SPOTS):
        at, size, flat, lean, away, high = torch.rand(6, generator=generator).tolist()
        if not bool(zone.any()):
            break
        # The place of the zone that is nearest to a drawn one.
        far = 30 * (v + 0.5 - 0.85 * (k + at) / SPOTS).abs() + (half.ventricle - 4 - 6 * away).abs()
        far = torch.where(zone, far + 25 * (w - 0.25 - 0.25 * high).abs() + u, torch.tensor(1e3))
        node = tuple(int(n) for n in torch.unravel_index(far.argmin(), far.shape))
        x, y, z = (c - c[node] for c in half.xyz)
        radius = diameter * (0.8 + 0.2 * size) / 2
        stretch = 1.0 + 0.8 * flat  # along the veins, which run outwards from the ventricle
        along = (x * (0.6 + 0.4 * lean) + z * 0.6) / 1.1
        r2 = x**2 + y**2 + z**2 - along**2 + (along / stretch) ** 2
        distance = torch.minimum(distance, torch.sqrt(r2.clamp(min=0)) - max(radius, 0.55 * half.step))
    if float(distance.min()) > 50:
        distance = half.near((0.35, -0.1, 0.4), (0.03, 0.03, 0.03))
    inside = cover(half, distance)
    return Change(inside, (Layer(inside, SPOT),))


def capsule(half: Half, percent: float, generator: torch.Generator) -> Change:
    """The posterior limb of one internal capsule lacks the signal of its myelin."""
    x, y, z = (c - m * e for c, m, e in zip(half.xyz, CAPSULE, half.extent, strict=True))
    # The limb leans outwards to the back; the signal is lost from the back on.
    along, across = 0.86 * y - 0.5 * x, 0.5 * y + 0.86 * x
    length = 11.0 * half.extent[1] / 52
    body = torch.sqrt((across / 4.2) ** 2 + (along / length) ** 2 + (z / 9.5) ** 2) - 1
    lost = along - length * (2 * percent / 100 - 1)
    inside = cover(half, torch.maximum(4.0 * body, lost), 1.5)
    layer = Layer(inside, UNMYELINATED, keep=0.12, tissue_only=True, only={"T1": "brighter", "T2": "darker"})
    return Change(inside, (layer,))
