"""The shape and the place of a simulated lesion on the pixel grid of a hemisphere."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

SIZES: tuple[float, ...] = (1, 3, 5, 7, 9, 11.5, 13.5, 15.5, 17.5, 20)
"""The ten sizes of Gucciardi et al. 2025. They are called mm² there, but are the sides of squares in mm."""

SCALES: tuple[str, ...] = ("side_mm", "area_mm2")
"""The two scales of a size: the side of a square or the diameter of a disc, or the true area."""

COVER = 0.95
"""The part of a lesion's bounding square that must be brain where there is such a place."""


@dataclass(frozen=True)
class Lesions:
    """One lesion for each of N pairs, as tensors (N,); everything but the size drawn from [0, 1).

    Attributes:
        size: in mm (``side_mm``) or mm² (``area_mm2``).
        hemisphere: which channel it lies in, below one half is 0.
        place: where in that half, as a fraction of all places that it fits in.
        shape: below one half a square, else a disc.
        angle: turn of the square, as a fraction of a right angle.
        strength: where in the range of contrasts.
        sign: below one half darker, else brighter.
    """

    size: Tensor
    hemisphere: Tensor
    place: Tensor
    shape: Tensor
    angle: Tensor
    strength: Tensor
    sign: Tensor

    @classmethod
    def draw(cls, size: Tensor, uniform: Tensor) -> Lesions:
        """Make lesions of ``size`` (N,) from uniform numbers (N, 6) in [0, 1)."""
        return cls(size, *uniform.unbind(1))

    def __getitem__(self, part: slice) -> Lesions:
        return Lesions(*(value[part] for value in vars(self).values()))

    @property
    def channel(self) -> Tensor:
        """The half of each lesion, 0 or 1, as int64 (N,)."""
        return (self.hemisphere >= 0.5).long()


def half_extent(lesions: Lesions, scale: str, pixel_mm: float) -> Tensor:
    """Return half the side of the square, or the radius of the disc, in pixels (N,)."""
    if scale not in SCALES:
        raise ValueError(f"There is no scale of size {scale!r}. Choose one of: {', '.join(SCALES)}.")
    square = lesions.shape < 0.5
    of_area = (lesions.size / torch.where(square, 4.0, math.pi)).sqrt()
    return (lesions.size / 2 if scale == "side_mm" else of_area) / pixel_mm


def centres(lesions: Lesions, brain: Tensor, extent: Tensor) -> Tensor:
    """Choose the centre of each lesion among the places where it lies within the brain.

    Args:
        brain: where a lesion may lie (N, H, W), bool.
        extent: half the width of each lesion in pixels (N,).

    Returns:
        Row and column (N, 2). Where a lesion fits nowhere it goes where most of it fits.
    """
    height, width = brain.shape[1:]
    reach = extent.ceil().long()
    # The share of brain in a square of any size round any pixel, from one cumulative sum (an integral image).
    integral = F.pad(brain.float().cumsum(1).cumsum(2), (1, 0, 1, 0))  # (N, H+1, W+1)
    rows, columns = torch.arange(height, device=brain.device), torch.arange(width, device=brain.device)
    top, bottom = ((rows + s * reach[:, None] + (s > 0)).clamp(0, height) for s in (-1, 1))  # (N, H)
    left, right = ((columns + s * reach[:, None] + (s > 0)).clamp(0, width) for s in (-1, 1))  # (N, W)
    across = [integral.gather(1, r[:, :, None].expand(-1, -1, width + 1)) for r in (top, bottom)]
    tall = across[1] - across[0]  # (N, H, W+1)
    inside = tall.gather(2, right[:, None].expand(-1, height, -1)) - tall.gather(
        2, left[:, None].expand(-1, height, -1)
    )
    covered = inside / (2 * reach + 1).square()[:, None, None] * brain
    enough = covered.flatten(1).amax(1).clamp(max=COVER)[:, None, None]
    places = ((covered >= enough - 1e-6) & brain).flatten(1).cumsum(1)  # (N, H*W)
    wanted = (lesions.place.double() * places[:, -1]).floor().long() + 1
    index = torch.searchsorted(places, wanted[:, None]).squeeze(1).clamp(max=height * width - 1)
    return torch.stack([index // width, index % width], dim=1)


def outside(lesions: Lesions, centre: Tensor, extent: Tensor, shape: tuple[int, int]) -> Tensor:
    """Return every pixel's signed distance to the lesion's outline (N, H, W), in pixels, negative within."""
    device = centre.device
    row = torch.arange(shape[0], device=device)[None, :, None] - centre[:, 0, None, None]  # (N, H, 1)
    column = torch.arange(shape[1], device=device)[None, None, :] - centre[:, 1, None, None]  # (N, 1, W)
    turn = (lesions.angle * math.pi / 2)[:, None, None]
    along = (turn.cos() * row + turn.sin() * column).abs()
    across = (turn.cos() * column - turn.sin() * row).abs()
    size = extent[:, None, None]
    return (
        torch.where((lesions.shape < 0.5)[:, None, None], torch.maximum(along, across), torch.hypot(along, across))
        - size
    )


def coverage(distance: Tensor) -> Tensor:
    """Return the share of every pixel that the lesion covers, in [0, 1], from :func:`outside`."""
    return (0.5 - distance).clamp(0, 1)
