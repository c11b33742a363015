"""Weighing every place by what surrounds it: a faint lesion is told from noise by its whole area, not by a pixel."""

from __future__ import annotations

import itertools

import torch.nn.functional as F
from torch import Tensor, nn

from .backbones import convolution

CHANNELS = (32, 48, 64)
"""Of the maps at two, four and eight times the pixels that come in: at the last, one sees all of a lesion of 20 mm."""


class Context(nn.Module):
    """Look at a map from afar and add, place by place, what is seen there.

    Down to an eighth of the resolution and back up, coarse to fine, as in a feature pyramid (Lin et al. 2017,
    doi:10.1109/CVPR.2017.106). At first it adds nothing, so that it can be given to a network that is trained already.

    Args:
        width: channels of the map.
        channels: of the maps on the way, from fine to coarse.
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
        """Return ``x`` (N, width, H, W), any H and W, with what surrounds each pixel added to it."""
        maps: list[Tensor] = []
        seen = x
        for down in self.down:
            seen = down(seen)
            maps.append(seen)
        seen = self.bottom(seen)
        for step, (across, up) in enumerate(zip(self.across, self.up, strict=True)):
            fine = maps[len(maps) - 2 - step]
            seen = up(fine + _resized(across(seen), fine))
        return x + _resized(self.add(seen), x)


def _resized(x: Tensor, like: Tensor) -> Tensor:
    return F.interpolate(x, size=like.shape[-2:], mode="bilinear", align_corners=False)
