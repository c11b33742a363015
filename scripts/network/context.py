"""Weigh every position by its surroundings: only its whole area distinguishes a lesion of low contrast from noise."""

from __future__ import annotations

import itertools

import torch.nn.functional as F
from torch import Tensor, nn

from .backbones import convolution

CHANNELS = (32, 48, 64)
"""Channels of the maps with pixels two, four and eight times as large. The largest pixels cover a lesion of 20 mm."""


class Context(nn.Module):
    """Add to every position of a map what its surroundings say about it.

    The map is reduced to an eighth of its resolution and then brought back, coarse to fine, as in a feature pyramid
    (Lin et al. 2017, doi:10.1109/CVPR.2017.106). An untrained context adds nothing, so that it can extend a network
    that is already trained.

    Args:
        width: channels of the map.
        channels: of the reduced maps, from fine to coarse.
    """

    def __init__(self, width: int, channels: tuple[int, ...] = CHANNELS) -> None:
        super().__init__()
        self.down = nn.ModuleList([convolution(a, b, stride=2) for a, b in itertools.pairwise((width, *channels))])
        self.bottom = convolution(channels[-1], channels[-1])
        coarse_to_fine = list(itertools.pairwise(channels))[::-1]
        self.across = nn.ModuleList([nn.Conv2d(b, a, 1) for a, b in coarse_to_fine])
        self.up = nn.ModuleList([convolution(a, a) for a, _ in coarse_to_fine])
        self.add = nn.Conv2d(channels[0], width, 1)
        for parameter in self.add.parameters():
            nn.init.zeros_(parameter)

    def forward(self, x: Tensor) -> Tensor:
        """Return ``x`` (N, width, H, W), of any H and W, with the context added to every pixel."""
        maps: list[Tensor] = []
        current = x
        for down in self.down:
            current = down(current)
            maps.append(current)
        current = self.bottom(current)
        for step, (across, up) in enumerate(zip(self.across, self.up, strict=True)):
            fine = maps[len(maps) - 2 - step]
            current = up(fine + _resized(across(current), fine))
        return x + _resized(self.add(current), x)


def _resized(x: Tensor, like: Tensor) -> Tensor:
    return F.interpolate(x, size=like.shape[-2:], mode="bilinear", align_corners=False)
