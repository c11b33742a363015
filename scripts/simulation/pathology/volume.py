"""One hemisphere, or one half of the cerebellum, is too large or too small."""

from __future__ import annotations

import math

import torch

from .anatomy import CEREBELLUM, Half
from .change import FLUID, Change, Layer, cover
from .flow import calibrated, coarse_velocity, flow, follow, pulled, rest, smoothstep


def _resized(half: Half, factor: float) -> Change:
    """Grow or shrink a cerebral hemisphere as a whole; its outline and what lies around it move along."""
    hemisphere = half.hemisphere.float()
    soft = torch.nn.functional.avg_pool3d(hemisphere[None, None], 5, 1, 2)[0, 0]
    before = half.millilitres(soft)

    def after(strength: float) -> float:
        return half.millilitres(pulled(half, soft, flow(half, strength * soft, outline=True))) / before

    displacement = flow(half, calibrated(after, factor, 1.4 * math.log(factor)) * soft, outline=True)
    truth = pulled(half, soft, displacement)
    return Change(truth, (), displacement, outline=True, volume_ml=abs(half.millilitres(truth) - before))


def hemimegalencephaly(half: Half, percent: float, generator: torch.Generator) -> Change:
    """One cerebral hemisphere is larger, with its ventricle."""
    return _resized(half, 1 + percent / 100)


def hemiatrophy(half: Half, percent: float, generator: torch.Generator) -> Change:
    """One cerebral hemisphere is smaller."""
    return _resized(half, 1 - percent / 100)


def cerebellar_hypoplasia(half: Half, percent: float, generator: torch.Generator) -> Change:
    """One half of the cerebellum is small; fluid takes its place."""
    distance = half.cerebellum
    # It shrinks towards where the cerebellum is attached: the middle, in front and above.
    anchor = (0.05, CEREBELLUM[0][1] + 0.18, CEREBELLUM[0][2] + 0.12)
    offset = torch.stack([c - m * e for c, m, e in zip(half.xyz, anchor, half.extent, strict=True)])
    rate = -math.log(1 - percent / 100) / 3
    within = smoothstep(0.6 - distance / 5)
    velocity = coarse_velocity(rate * offset * within * rest(half))
    displacement = follow(half, velocity)
    shrunk = pulled(half, distance, displacement)
    before = half.millilitres((0.5 - distance / half.step).clamp(0, 1))
    after = half.millilitres((0.5 - shrunk / half.step).clamp(0, 1))
    vacated = cover(half, torch.maximum(distance - 1, 0.5 - shrunk))
    vacated = vacated * smoothstep((half.xyz[0] - 1) / 5)
    truth = torch.maximum(cover(half, distance), vacated)
    return Change(truth, (Layer(vacated, FLUID, keep=0.05),), displacement, volume_ml=before - after)
