"""The types of simulated lesions: what each one does to the hemisphere in which it lies."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from ..blur import blur

PAINTED_GREYS = tuple(5.0 * grey / 255 - 2.5 for grey in (140, 215))
"""The grey levels of a painted lesion in Gucciardi et al. 2025: 140 to 215 of 255. We take the brain's mean ± 2.5
standard deviations as the range 0 to 255."""

VOLUME_CHANGE = (0.25, 0.6)
"""Smallest and largest local change of area in the middle of a ``volume`` lesion."""


@dataclass(frozen=True)
class LesionGeometry:
    """Position, outline and contrast of the lesions of N hemispheres.

    Attributes:
        distance: signed distance of every pixel to the outline, in pixels, negative inside (N, H, W).
        covered: share of every pixel that the lesion covers (N, H, W), in [0, 1].
        centre: row and column of the centre (N, 2).
        extent: half the side or the radius, in pixels (N,).
        strength: where in the range of contrasts, in [0, 1) (N,).
        sign: -1 darker or smaller, 1 brighter or larger (N,).
        contrast: smallest and largest contrast, in standard deviations of the brain's intensities.
        point_spread: standard deviation of the image's blur, in pixels.
    """

    distance: Tensor
    covered: Tensor
    centre: Tensor
    extent: Tensor
    strength: Tensor
    sign: Tensor
    contrast: tuple[float, float]
    point_spread: float

    def __getitem__(self, rows: Tensor) -> LesionGeometry:
        """Return the lesions of these rows."""
        chosen: dict[str, Any] = {name: v[rows] for name, v in vars(self).items() if isinstance(v, Tensor)}
        return replace(self, **chosen)

    def signed_contrast(self) -> Tensor:
        """Return the signed contrast (N, 1, 1)."""
        low, high = self.contrast
        return (self.sign * (low + (high - low) * self.strength))[:, None, None]


def physical(hemisphere: Tensor, lesion: LesionGeometry) -> Tensor:
    """Shift the mean intensity of the tissue. The edge is as blurred as the image; texture and noise stay."""
    return hemisphere + lesion.signed_contrast() * blur(lesion.covered, lesion.point_spread)


def soft(hemisphere: Tensor, lesion: LesionGeometry) -> Tensor:
    """Shift the mean intensity of the tissue. The edge is as wide as half the lesion, so that no outline is visible."""
    inside = (0.5 - lesion.distance / lesion.extent[:, None, None].clamp(min=1)).clamp(0, 1)
    return hemisphere + lesion.signed_contrast() * (inside * inside * (3 - 2 * inside))


def volume(hemisphere: Tensor, lesion: LesionGeometry) -> Tensor:
    """Let the tissue grow or shrink around the lesion's centre. The change fades out smoothly at one and a half radii.

    Intensities stay the same. The outline of the brain stays, too, so that it still agrees with the other hemisphere.
    """
    height, width = hemisphere.shape[1:]
    rows = torch.arange(height, device=hemisphere.device, dtype=hemisphere.dtype)[None, :, None]
    columns = torch.arange(width, device=hemisphere.device, dtype=hemisphere.dtype)[None, None, :]
    row, column = rows - lesion.centre[:, 0, None, None], columns - lesion.centre[:, 1, None, None]
    reach = 1.5 * lesion.extent[:, None, None].clamp(min=1)
    fade = (1 - (torch.hypot(row, column) / reach).square()).clamp(min=0).square()
    low, high = VOLUME_CHANGE
    area = 1 + lesion.sign * (low + (high - low) * lesion.strength)
    pull = (1 / area.sqrt() - 1)[:, None, None] * fade  # towards the centre where the tissue grows
    # grid_sample's -1..1, pixels at their centres, columns first.
    grid = torch.stack(
        [(2 * (columns + column * pull) + 1) / width - 1, (2 * (rows + row * pull) + 1) / height - 1], dim=-1
    )
    image_and_brain = torch.stack([hemisphere, (hemisphere != 0).to(hemisphere.dtype)], dim=1)
    value, share = F.grid_sample(image_and_brain, grid, align_corners=False).unbind(1)
    moved = torch.where(share > 0.5, value / share.clamp(min=0.5), hemisphere)
    return torch.where(fade > 0, moved, hemisphere)


def painted(hemisphere: Tensor, lesion: LesionGeometry) -> Tensor:
    """Set one uniform grey with a hard edge, as Gucciardi et al. 2025 do. A network may detect the edge alone."""
    low, high = PAINTED_GREYS
    grey = (low + (high - low) * lesion.strength)[:, None, None]
    return torch.where(lesion_mask(lesion.covered), grey, hemisphere)


def zero(hemisphere: Tensor, lesion: LesionGeometry) -> Tensor:
    """Change nothing: a control, which must be detected no better than by chance."""
    return hemisphere


@dataclass(frozen=True)
class LesionType:
    """What a lesion type does.

    Attributes:
        change: changes hemispheres (N, H, W), given their lesions.
        bilateral: change both hemispheres at mirrored positions. The pair stays as symmetric as it was.
    """

    change: Callable[[Tensor, LesionGeometry], Tensor]
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
    "pathology": None,
}
"""Lesion types by name. ``normal`` slices have no lesion. A ``pathology`` is drawn into the head before it is split,
see :mod:`scripts.simulation.pathology`; nothing is inserted into its slices."""


def lesion_mask(covered: Tensor) -> Tensor:
    """Return which pixels belong to a lesion (N, H, W): those covered by half or more, or else the most covered."""
    return covered >= covered.flatten(1).amax(1).clamp(max=0.5)[:, None, None]
