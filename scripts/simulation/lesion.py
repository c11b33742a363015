"""Shape and position of simulated lesions on the pixel grid of a hemisphere."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

SIZES: tuple[float, ...] = (1, 3, 5, 7, 9, 11.5, 13.5, 15.5, 17.5, 20)
"""The ten lesion sizes of Gucciardi et al. 2025. The paper gives them in mm², but they are side lengths in mm."""

SCALES: tuple[str, ...] = ("side_mm", "area_mm2")
"""What a size means: the side of a square or the diameter of a disc in mm, or the area in mm²."""

MIN_BRAIN_SHARE = 0.95
"""A lesion is placed where at least this share of its bounding square is brain, if there is such a position."""


@dataclass(frozen=True)
class Lesions:
    """One lesion for each of N pairs of hemispheres. All fields are tensors (N,).

    All fields but ``size`` are random numbers in [0, 1).

    Attributes:
        size: in mm (``side_mm``) or mm² (``area_mm2``).
        hemisphere: below 0.5 the lesion lies in channel 0, else in channel 1.
        position: where in the hemisphere, as a fraction of all positions in which the lesion fits.
        shape: below 0.5 a square, else a disc.
        angle: rotation of the square, as a fraction of 90°.
        strength: where in the range of contrasts.
        sign: below 0.5 darker, else brighter.
    """

    size: Tensor
    hemisphere: Tensor
    position: Tensor
    shape: Tensor
    angle: Tensor
    strength: Tensor
    sign: Tensor

    @classmethod
    def draw(cls, size: Tensor, uniform: Tensor) -> Lesions:
        """Make lesions of ``size`` (N,) from uniform random numbers (N, 6) in [0, 1)."""
        return cls(size, *uniform.unbind(1))

    def __getitem__(self, rows: slice) -> Lesions:
        """Return the lesions of these rows."""
        return Lesions(*(value[rows] for value in vars(self).values()))

    @property
    def channel(self) -> Tensor:
        """The channel in which each lesion lies, 0 or 1, as int64 (N,)."""
        return (self.hemisphere >= 0.5).long()


def half_extent(lesions: Lesions, scale: str, pixel_mm: float) -> Tensor:
    """Return half the side of each square, or the radius of each disc, in pixels (N,).

    Raises:
        ValueError: if there is no such scale; the message lists the known ones.
    """
    if scale not in SCALES:
        raise ValueError(f"There is no scale of size {scale!r}. Choose one of: {', '.join(SCALES)}.")
    square = lesions.shape < 0.5
    of_area = (lesions.size / torch.where(square, 4.0, math.pi)).sqrt()
    return (lesions.size / 2 if scale == "side_mm" else of_area) / pixel_mm


def lesion_centres(lesions: Lesions, brain: Tensor, extent: Tensor) -> Tensor:
    """Choose the centre of each lesion among the positions in which it lies within the brain.

    Args:
        lesions: N lesions.
        brain: where a lesion may lie (N, H, W), bool.
        extent: half the width of each lesion in pixels (N,).

    Returns:
        Row and column (N, 2). A lesion that fits nowhere is placed where the largest part of it is in the brain.
    """
    height, width = brain.shape[1:]
    reach = extent.ceil().long()
    # The share of brain in a square of any size around any pixel, from one cumulative sum (an integral image).
    integral = F.pad(brain.float().cumsum(1).cumsum(2), (1, 0, 1, 0))  # (N, H+1, W+1)
    rows, columns = torch.arange(height, device=brain.device), torch.arange(width, device=brain.device)
    top, bottom = ((rows + s * reach[:, None] + (s > 0)).clamp(0, height) for s in (-1, 1))  # (N, H)
    left, right = ((columns + s * reach[:, None] + (s > 0)).clamp(0, width) for s in (-1, 1))  # (N, W)
    above, below = (integral.gather(1, r[:, :, None].expand(-1, -1, width + 1)) for r in (top, bottom))
    strip = below - above  # (N, H, W+1)
    to_right, to_left = (strip.gather(2, c[:, None].expand(-1, height, -1)) for c in (right, left))
    covered = (to_right - to_left) / (2 * reach + 1).square()[:, None, None] * brain
    required = covered.flatten(1).amax(1).clamp(max=MIN_BRAIN_SHARE)[:, None, None]
    allowed = ((covered >= required - 1e-6) & brain).flatten(1).cumsum(1)  # (N, H*W), counted
    chosen = (lesions.position.double() * allowed[:, -1]).floor().long() + 1
    index = torch.searchsorted(allowed, chosen[:, None]).squeeze(1).clamp(max=height * width - 1)
    return torch.stack([index // width, index % width], dim=1)


def distance_to_outline(lesions: Lesions, centre: Tensor, extent: Tensor, shape: tuple[int, int]) -> Tensor:
    """Return the signed distance of every pixel to the outline of each lesion, in pixels.

    Args:
        lesions: N lesions.
        centre: row and column of each lesion (N, 2).
        extent: half the width of each lesion in pixels (N,).
        shape: (H, W) of a hemisphere.

    Returns:
        (N, H, W), negative inside the lesion.
    """
    device = centre.device
    row = torch.arange(shape[0], device=device)[None, :, None] - centre[:, 0, None, None]  # (N, H, 1)
    column = torch.arange(shape[1], device=device)[None, None, :] - centre[:, 1, None, None]  # (N, 1, W)
    angle = (lesions.angle * math.pi / 2)[:, None, None]
    along = (angle.cos() * row + angle.sin() * column).abs()
    across = (angle.cos() * column - angle.sin() * row).abs()
    square = (lesions.shape < 0.5)[:, None, None]
    from_centre = torch.where(square, torch.maximum(along, across), torch.hypot(along, across))
    return from_centre - extent[:, None, None]


def pixel_coverage(distance: Tensor) -> Tensor:
    """Return the share of every pixel that the lesion covers, in [0, 1], from :func:`distance_to_outline`."""
    return (0.5 - distance).clamp(0, 1)
