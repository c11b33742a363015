"""The Siamese network: two hemispheres, one shared encoder, the evidence of an asymmetry out."""

from __future__ import annotations

from typing import Any, NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .backbones import encoder, stack_hemispheres
from .context import Context
from .score import OUTSIDE

LIMIT = 9.0
"""The largest evidence either way; keeps what is inside the brain well apart from ``OUTSIDE``."""


class LocalComparison(nn.Module):
    """Compare every place with its mirror and say, for each half, what it has that its mirror lacks.

    It sees ``[own, own - mirror]`` at each scale, coarse to fine. The weights are shared over the halves, so
    that swapping the halves swaps the evidence, exactly. The own features must be seen too: where the anatomy is
    naturally uneven, the difference alone says less than one half alone.

    Args:
        channels: channels of the maps, from fine to coarse.
        width: channels of the comparison.
        mirror: see the mirror; False is the control that judges each half by itself.
        context: weigh every place by what surrounds it, after the comparison
            (:class:`scripts.network.context.Context`).
    """

    def __init__(self, channels: list[int], width: int = 16, mirror: bool = True, context: bool = False) -> None:
        super().__init__()
        self.mirror = mirror
        # A weight for what a half has itself, and one for what its mirror has: a linear map of [own, own - mirror].
        # At the finest scale, which costs the most, the encoder's own 3x3 has seen the neighbours.
        kernels = [3] * (len(channels) - 1) + [1]
        outputs = 2 * width if mirror else width
        self.compare = nn.ModuleList(
            [nn.Conv2d(c, outputs, k, padding=k // 2) for c, k in zip(channels[::-1], kernels, strict=True)]
        )
        self.context = Context(width) if context else nn.Identity()
        self.evidence = nn.Sequential(nn.ReLU(), nn.Conv2d(width, width, 1), nn.ReLU(), nn.Conv2d(width, 1, 1))

    def forward(self, maps: list[Tensor]) -> Tensor:
        """Turn maps (2N, C, h, w), all left halves first, into evidence (2N, 1, h, w) at the finest scale."""
        total: list[Tensor] = []
        for index, compare in enumerate(self.compare):
            compared = compare(maps[len(maps) - 1 - index])
            if self.mirror:
                own, mirror = compared.chunk(2, dim=1)
                left, right = mirror.chunk(2, dim=0)
                compared = own - torch.cat([right, left], dim=0)
            if len(total) > 0:  # what the coarser maps say is carried to the next finer one
                coarser = F.interpolate(total[-1], size=compared.shape[-2:], mode="bilinear", align_corners=False)
                compared = compared + coarser
            total.append(compared)
        return self.evidence(self.context(total[-1]))


class PooledComparison(nn.Module):
    """The baselines: pool each half to one vector and compare the vectors; one logit for the whole slice.

    Args:
        channels: channels of the maps; the coarsest is used.
        directed: concatenate the two vectors, as Gucciardi et al. 2025 (doi:10.5281/zenodo.15401010) do, which
            can't be blind to the order of the halves; else take their absolute difference, which is.
    """

    def __init__(self, channels: list[int], directed: bool, width: int = 64) -> None:
        super().__init__()
        self.directed = directed
        inputs = channels[-1] * (2 if directed else 1)
        self.decide = nn.Sequential(nn.Linear(inputs, width), nn.ReLU(), nn.Linear(width, 1))

    def forward(self, maps: list[Tensor]) -> Tensor:
        """Turn maps (2N, C, h, w) into one logit for each pair, given to both halves: (2N, 1, 1, 1)."""
        left, right = maps[-1].mean((2, 3)).chunk(2, dim=0)
        compared = torch.cat([left, right], dim=1) if self.directed else (left - right).abs()
        logit = self.decide(compared)[:, :, None, None]
        return torch.cat([logit, logit], dim=0)


class Comparison(NamedTuple):
    """A row of :data:`COMPARISONS`.

    Attributes:
        build: makes the head of the channels of its feature maps.
        options: what else ``build`` takes.
        maps: how many feature maps it wants.
        test_time_flip: once trained, look at every pair front to back, too, and take the mean of what is seen.
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
"""The heads by name."""


class Calibration(nn.Module):
    """A learnt scale and bias of the evidence; apart, so that an optimiser can give it its own learning rate."""

    def __init__(self) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.ones(1))
        self.bias = nn.Parameter(torch.zeros(1))

    def forward(self, evidence: Tensor) -> Tensor:
        return self.scale * evidence + self.bias


class SiameseNetwork(nn.Module):
    """Score the asymmetry of a pair of hemispheres, pixel by pixel.

    One tensor in, one out: a pair ``image`` (N, 2, H, W) with channel 0 the left half and channel 1 the right
    half mirrored, H from the midline outwards, W from posterior to anterior, background exactly 0; evidence
    ``pred`` (N, 2, H, W), logits: channel c says that half c has what its mirror lacks, ``OUTSIDE`` where half c
    has no brain. ``scripts.network.score.slice_scores`` makes one number of it.

    Args:
        backbone: see :func:`scripts.network.backbones.encoder`.
        comparison: ``local`` or ``context`` (ours), ``single_hemisphere`` (the control), ``difference`` or
            ``concatenation`` (the baselines).
        pretrained: ImageNet weights, for timm's backbones.

    Raises:
        ValueError: if there is no such backbone or comparison; the message lists those there are.
    """

    def __init__(self, backbone: str = "compact", comparison: str = "local", pretrained: bool = False) -> None:
        super().__init__()
        if comparison not in COMPARISONS:
            raise ValueError(f"There is no comparison {comparison!r}. Choose one of: {', '.join(COMPARISONS)}.")
        chosen = COMPARISONS[comparison]
        self.encoder, channels = encoder(backbone, chosen.maps, pretrained)
        self.head = chosen.build(channels, **chosen.options)
        self.test_time_flip = chosen.test_time_flip
        self.calibration = Calibration()
        self.limit, self.outside = LIMIT, OUTSIDE  # TorchScript sees no module's constants
        # The slice score that few normal slices exceed; set by validation, saved with the weights.
        self.register_buffer("threshold", torch.zeros(1))
        self.to(memory_format=torch.channels_last)  # nearly twice as fast on a CPU, and what AMP wants on a GPU

    def forward(self, image: Tensor) -> Tensor:
        """Return the evidence (N, 2, H, W) of pairs ``image`` (N, 2, H, W)."""
        evidence = self._compare(image)  # (2N, 1, h, w)
        if self.test_time_flip and not self.training:
            # A head front to back has other folds, but the same lesion: the mean of both has fewer chance peaks.
            evidence = (evidence + self._compare(image.flip(3)).flip(3)) / 2
        evidence = self.calibration(evidence)
        evidence = self.limit * torch.tanh(evidence / self.limit)
        evidence = F.interpolate(evidence, size=image.shape[-2:], mode="bilinear", align_corners=False)
        left, right = evidence.chunk(2, dim=0)
        evidence = torch.cat([left, right], dim=1)  # (N, 2, H, W)
        return torch.where(image != 0, evidence, torch.full_like(evidence, self.outside))

    def _compare(self, image: Tensor) -> Tensor:
        return self.comparison(self.encoder(stack_hemispheres(image)))  # of (2N, 1, H, W)
