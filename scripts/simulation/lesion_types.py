"""What a simulated lesion does to the hemisphere that it lies in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from ..blur import blur

PAINTED_GREYS = tuple(5.0 * grey / 255 - 2.5 for grey in (140, 215))
"""The greys of a painted lesion in Gucciardi et al. 2025: 140 to 215 of 255. The brain's mean ± 2.5 standard
deviations is taken for the range 0 to 255."""

VOLUME_CHANGE = (0.25, 0.6)
"""Local change of area at the middle of a ``volume`` lesion, at the least and at the most."""


@dataclass(frozen=True)
class Place:
    """Where and how strong the lesions of N hemispheres are.

    Attributes:
        outside: signed distance of every pixel to the outline, in pixels, negative within (N, H, W).
        covered: share of every pixel that the lesion covers (N, H, W), in [0, 1].
        centre: row and column of the middle (N, 2).
        extent: half the side or the radius, in pixels (N,).
        strength: where in the range of contrasts, in [0, 1) (N,).
        sign: -1 darker or smaller, 1 brighter or larger (N,).
        contrast: least and greatest contrast, in standard deviations of the brain's intensities.
        point_spread: standard deviation of the image's blur, in pixels.
    """

    outside: Tensor
    covered: Tensor
    centre: Tensor
    extent: Tensor
    strength: Tensor
    sign: Tensor
    contrast: tuple[float, float]
    point_spread: float

    def __getitem__(self, rows: Tensor) -> Place:
        """Return the same of some of the hemispheres."""
        some: dict[str, Any] = {name: v[rows] for name, v in vars(self).items() if isinstance(v, Tensor)}
        return replace(self, **some)

    def shift(self) -> Tensor:
        """The signed contrast (N, 1, 1)."""
        low, high = self.contrast
        return (self.sign * (low + (high - low) * self.strength))[:, None, None]


def physical(hemisphere: Tensor, place: Place) -> Tensor:
    """Shift the tissue's mean with an edge as soft as the image; its texture and noise stay."""
    return hemisphere + place.shift() * blur(place.covered, place.point_spread)


def soft(hemisphere: Tensor, place: Place) -> Tensor:
    """Shift the tissue's mean with an edge as wide as the lesion's own half extent: no outline to be seen."""
    inside = (0.5 - place.outside / place.extent[:, None, None].clamp(min=1)).clamp(0, 1)
    return hemisphere + place.shift() * (inside * inside * (3 - 2 * inside))


def volume(hemisphere: Tensor, place: Place) -> Tensor:
    """Let the tissue grow or shrink about the lesion's middle, smoothly, and fade out at one and a half radii.

    Intensities stay what they were; the outline of the brain stays, too, since that of the mirror does.
    """
    height, width = hemisphere.shape[1:]
    rows = torch.arange(height, device=hemisphere.device, dtype=hemisphere.dtype)[None, :, None]
    columns = torch.arange(width, device=hemisphere.device, dtype=hemisphere.dtype)[None, None, :]
    row, column = rows - place.centre[:, 0, None, None], columns - place.centre[:, 1, None, None]
    reach = 1.5 * place.extent[:, None, None].clamp(min=1)
    fade = (1 - (torch.hypot(row, column) / reach).square()).clamp(min=0).square()
    low, high = VOLUME_CHANGE
    area = 1 + place.sign * (low + (high - low) * place.strength)
    pull = (1 / area.sqrt() - 1)[:, None, None] * fade  # towards the middle where the tissue grows
    # grid_sample's -1..1, pixels at their centres, columns first.
    grid = torch.stack(
        [(2 * (columns + column * pull) + 1) / width - 1, (2 * (rows + row * pull) + 1) / height - 1], dim=-1
    )
    both = torch.stack([hemisphere, (hemisphere != 0).to(hemisphere.dtype)], dim=1)
    value, share = F.grid_sample(both, grid, align_corners=False).unbind(1)
    moved = torch.where(share > 0.5, value / share.clamp(min=0.5), hemisphere)
    return torch.where(fade > 0, moved, hemisphere)


def painted(hemisphere: Tensor, place: Place) -> Tensor:
    """Set one flat grey with a hard edge, as Gucciardi et al. 2025 do; a network may see just the edge."""
    low, high = PAINTED_GREYS
    grey = (low + (high - low) * place.strength)[:, None, None]
    return torch.where(covers(place.covered), grey, hemisphere)


def zero(hemisphere: Tensor, place: Place) -> Tensor:
    """Shift nothing: the control that must be found at chance."""
    return hemisphere


@dataclass(frozen=True)
class LesionType:
    """What is done, and whether to both halves at mirrored places, which leaves a pair as symmetric as it was."""

    change: Callable[[Tensor, Place], Tensor]
    bilateral: bool = False


LESION_TYPES: dict[str, LesionType | None] = {
    "normal": None,
    "physical": LesionType(physical),
    "soft": LesionType(soft),
    "volume": LesionType(volume),
    "painted": LesionType(painted),
    "zero": LesionType(zero),
    "bilateral": LesionType(physical, bilateral=True),
    "bilateral_soft": LesionType(soft, bilateral=True),
    "bilateral_volume": LesionType(volume, bilateral=True),
}
"""Kinds of lesion by name. ``normal`` slices have none."""


def covers(covered: Tensor) -> Tensor:
    """Return which pixels belong to a lesion (N, H, W): those half covered, or the most covered ones."""
    return covered >= covered.flatten(1).amax(1).clamp(max=0.5)[:, None, None]
