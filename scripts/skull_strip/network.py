"""The network of the learned skull strip: MONAI's U-Net, small, between a coarse stem and sub-voxel logits."""

from __future__ import annotations

import torch
from monai.networks.blocks import Convolution
from monai.networks.layers import SkipConnection
from monai.networks.nets import UNet
from monai.networks.utils import pixelshuffle
from torch import Tensor, nn

NORM = ("group", {"num_groups": 8})  # per image, also at levels of only a few voxels


class StripNetwork(nn.Module):
    """A U-Net at half the resolution of its input, with logits for each of the eight sub-voxels.

    Every convolution runs on an eighth of the voxels, which makes it fast.

    Args:
        stem: number of the stem's channels.
        channels: number of channels of each level of the U-Net.
        units: convolutions of each residual unit.
        start: file with a ``state_dict`` to start from, or None.
    """

    def __init__(
        self, stem: int = 16, channels: tuple[int, ...] = (32, 48, 64, 64), units: int = 2, start: str | None = None
    ) -> None:
        super().__init__()
        self.stem = Convolution(3, 1, stem, strides=2, kernel_size=4, padding=1, norm=NORM, act="LEAKYRELU")
        unet = UNet(
            spatial_dims=3,
            in_channels=stem,
            out_channels=stem,
            channels=channels,
            strides=(2,) * (len(channels) - 1),
            num_res_units=units,
            norm=NORM,
            act="LEAKYRELU",
        )
        self.unet = SkipConnection(unet, mode="add")
        self.mix = Convolution(3, stem, stem, norm=NORM, act="LEAKYRELU")
        self.logits = nn.Conv3d(stem, 8, kernel_size=1)
        self.to(memory_format=torch.channels_last_3d)  # a third faster on a CPU
        if start is not None:
            self.load_state_dict(torch.load(start, map_location="cpu", weights_only=True))

    def forward(self, image: Tensor) -> Tensor:
        """Compute the logits of brain.

        Args:
            image: (N, 1, X, Y, Z), each axis a multiple of 16; see ``canvas.normalize``.

        Returns:
            (N, 1, X, Y, Z).
        """
        image = image.contiguous(memory_format=torch.channels_last_3d)
        return pixelshuffle(self.logits(self.mix(self.unet(self.stem(image)))), 3, 2)
