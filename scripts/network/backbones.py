"""The backbones: an image of one hemisphere in, feature maps from fine to coarse out."""

from __future__ import annotations

import difflib
import itertools
from typing import Any

import torch
from torch import Tensor, nn

FAMILIES: dict[str, str] = {
    "resnet": "resnet18",
    "resnext": "resnext50_32x4d",
    "mobilenet": "mobilenetv3_large_100",
    "efficientnet": "efficientnet_b0",
    "vgg": "vgg16_bn",
}
"""The five families of backbones that the study compares, and the timm model that each name stands for. The finest map
has stride 1 for VGG and stride 2 for the others, which matters for lesions of a few pixels."""

COMPACT: dict[str, tuple[int, ...]] = {
    "compact": (16, 32, 48),
    "compact_large": (24, 48, 96),
}
"""Channels of the feature maps of our own small encoders, at strides 2, 4 and 8."""


class CompactEncoder(nn.Module):
    """Encode one hemisphere with tens of thousands of parameters, so that a CPU trains it in minutes.

    Args:
        channels: channels of the feature maps, one for each stride 2, 4, 8, ...
    """

    def __init__(self, channels: tuple[int, ...]) -> None:
        super().__init__()
        self.channels = channels
        # Folding 2x2 pixels into channels keeps every pixel of a small lesion, at half the cost of a stride-1 stem.
        self.stem = nn.Sequential(nn.PixelUnshuffle(2), convolution(4, channels[0]))
        widths = itertools.pairwise(channels)
        self.stages = nn.ModuleList(
            [convolution(channels[0], channels[0])]
            + [nn.Sequential(convolution(a, b, stride=2), convolution(b, b)) for a, b in widths]
        )

    def forward(self, x: Tensor) -> list[Tensor]:
        """Return the maps of ``x`` (N, 1, H, W), H and W even: (N, C, H/2, W/2), (N, C, H/4, W/4), ..."""
        x = self.stem(x)  # (N, C, H/2, W/2)
        maps: list[Tensor] = []
        for stage in self.stages:
            x = stage(x)
            maps.append(x)
        return maps


def convolution(inputs: int, outputs: int, stride: int = 1) -> nn.Sequential:
    """Build a 3x3 convolution with batch norm and ReLU."""
    layer = nn.Conv2d(inputs, outputs, 3, stride=stride, padding=1, bias=False)
    return nn.Sequential(layer, nn.BatchNorm2d(outputs), nn.ReLU(inplace=True))


def encoder(name: str, maps: int = 3, pretrained: bool = False) -> tuple[nn.Module, list[int]]:
    """Build an encoder by name.

    Args:
        name: ``compact``, ``compact_large``, a family of :data:`FAMILIES`, or any timm model with feature maps.
        maps: number of feature maps, from the finest on.
        pretrained: load timm's ImageNet weights, which are downloaded once.

    Returns:
        The module, which turns (N, 1, H, W) into a list of (N, C, h, w) from fine to coarse, and the channels of these
        maps.

    Raises:
        ValueError: if no backbone has this name; the message lists the known ones.

    Reference:
        R. Wightman, PyTorch Image Models, doi:10.5281/zenodo.4414861.
    """
    if name in COMPACT:
        channels = COMPACT[name][:maps]
        return CompactEncoder(channels), list(channels)
    import timm  # heavy, and the compact encoders do not need it

    model = FAMILIES.get(name, name)
    if not timm.is_model(model):
        known = [*COMPACT, *FAMILIES, *FAMILIES.values()]
        near = difflib.get_close_matches(name, known, 3) or difflib.get_close_matches(name, timm.list_models(), 3)
        meant = f" Did you mean {' or '.join(map(repr, near))}?" if near else ""
        raise ValueError(
            f"There is no backbone {name!r}.{meant} Choose one of: {', '.join(known)}; or any name that "
            "timm.list_models() gives."
        )
    module: Any = timm.create_model(
        model, features_only=True, in_chans=1, pretrained=pretrained, out_indices=tuple(range(maps))
    )
    return module, list(module.feature_info.channels())


def parameters(module: nn.Module) -> int:
    """Return the number of trainable parameters of a module."""
    return sum(p.numel() for p in module.parameters() if p.requires_grad)


def stack_hemispheres(pair: Tensor) -> Tensor:
    """Stack the hemispheres of pairs (N, 2, H, W) along the batch: (2N, 1, H, W), all left ones first."""
    return torch.cat([pair[:, :1], pair[:, 1:]], dim=0)
