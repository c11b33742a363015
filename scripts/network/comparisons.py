"""The comparisons: feature maps of two hemispheres in, evidence of an asymmetry out."""

from __future__ import annotations

from typing import Any, NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .context import Context


class LocalComparison(nn.Module):
    """Compare every position with its mirror position: what does each hemisphere have that the other one lacks?

    The input at each scale is ``[own, own - mirror]``, from coarse to fine. Both hemispheres share the weights, so that
    swapping the hemispheres swaps their evidence, exactly. The own features are needed as well: where the anatomy is
    naturally uneven, the difference alone says less than one hemisphere alone.

    Args:
        channels: channels of the feature maps, from fine to coarse.
        width: channels of the comparison.
        mirror: use the mirror position. False is the control, which judges each hemisphere by itself.
        context: also weigh every position by its surroundings (:class:`scripts.network.context.Context`).
    """

    def __init__(self, channels: list[int], width: int = 16, mirror: bool = True, context: bool = False) -> None:
        super().__init__()
        self.mirror = mirror
        # One weight for a hemisphere's own features and one for its mirror's: a linear map of [own, own - mirror].
        # The finest scale costs the most, and there the encoder's own 3x3 has covered the neighbours.
        kernels = [3] * (len(channels) - 1) + [1]
        outputs = 2 * width if mirror else width
        self.compare = nn.ModuleList(
            [nn.Conv2d(c, outputs, k, padding=k // 2) for c, k in zip(channels[::-1], kernels, strict=True)]
        )
        self.context = Context(width) if context else nn.Identity()
        self.evidence = nn.Sequential(nn.ReLU(), nn.Conv2d(width, width, 1), nn.ReLU(), nn.Conv2d(width, 1, 1))

    def forward(self, maps: list[Tensor]) -> Tensor:
        """Turn maps (2N, C, h, w), all left hemispheres first, into evidence (2N, 1, h, w) at the finest scale."""
        total: list[Tensor] = []
        for index, compare in enumerate(self.compare):
            compared = compare(maps[len(maps) - 1 - index])
            if self.mirror:
                own, mirror = compared.chunk(2, dim=1)
                left, right = mirror.chunk(2, dim=0)
                compared = own - torch.cat([right, left], dim=0)
            if len(total) > 0:  # the result of the coarser maps is carried to the next finer one
                coarser = F.interpolate(total[-1], size=compared.shape[-2:], mode="bilinear", align_corners=False)
                compared = compared + coarser
            total.append(compared)
        return self.evidence(self.context(total[-1]))


class PooledComparison(nn.Module):
    """The baselines: average each hemisphere to one vector and compare the vectors; one logit for the whole slice.

    Args:
        channels: channels of the feature maps. The coarsest map is used.
        directed: concatenate the two vectors, as Gucciardi et al. 2025 (doi:10.5281/zenodo.15401010) do, which depends
            on the order of the hemispheres. Else take their absolute difference, which does not.
        width: channels of the hidden layer.
    """

    def __init__(self, channels: list[int], directed: bool, width: int = 64) -> None:
        super().__init__()
        self.directed = directed
        inputs = channels[-1] * (2 if directed else 1)
        self.decide = nn.Sequential(nn.Linear(inputs, width), nn.ReLU(), nn.Linear(width, 1))

    def forward(self, maps: list[Tensor]) -> Tensor:
        """Turn maps (2N, C, h, w) into one logit for each pair, given to both hemispheres: (2N, 1, 1, 1)."""
        left, right = maps[-1].mean((2, 3)).chunk(2, dim=0)
        compared = torch.cat([left, right], dim=1) if self.directed else (left - right).abs()
        logit = self.decide(compared)[:, :, None, None]
        return torch.cat([logit, logit], dim=0)


class Comparison(NamedTuple):
    """A row of :data:`COMPARISONS`.

    Attributes:
        build: makes the module from the channels of the feature maps.
        options: other arguments of ``build``.
        maps: number of feature maps that it needs.
        test_time_flip: once trained, also score every pair flipped front to back, and average both results.
    """

    build: type[nn.Module]
    options: dict[str, Any]
    maps: int = 3
    test_time_flip: bool = False


COMPARISONS: dict[str, Comparison] = {
    "local": Comparison(LocalComparison, {}),
    "context": Comparison(LocalComparison, {"context": True}, test_time_flip=True),
    "single_hemisphere": Comparison(LocalComparison, {"mirror": False}),
    "difference": Comparison(PooledComparison, {"directed": False}),
    "concatenation": Comparison(PooledComparison, {"directed": True}),
}
"""The comparisons by name."""
