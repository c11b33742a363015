"""The Siamese network: two hemispheres and one shared encoder in, an evidence map of the asymmetry out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ..console.renamed import reject_renamed
from .backbones import encoder, stack_hemispheres
from .comparisons import COMPARISONS
from .score import OUTSIDE

LIMIT = 9.0
"""Evidence inside the brain lies between -LIMIT and LIMIT, well apart from ``OUTSIDE``."""


class Calibration(nn.Module):
    """A learnt scale and bias of the evidence, in a module of its own so that it can have its own learning rate."""

    def __init__(self) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.ones(1))
        self.bias = nn.Parameter(torch.zeros(1))

    def forward(self, evidence: Tensor) -> Tensor:
        """Return the calibrated evidence, of the same shape."""
        return self.scale * evidence + self.bias


class SiameseNetwork(nn.Module):
    """Measure the asymmetry of a pair of hemispheres, pixel by pixel.

    Input is one tensor ``image`` (N, 2, H, W), a pair of hemispheres. Channel 0 is the left hemisphere, mirrored at the
    midline; channel 1 is the right hemisphere as scanned. H goes from the midline outwards, W from posterior to
    anterior. The background is exactly 0.

    Output is one tensor ``pred`` (N, 2, H, W), the evidence map in logits. Channel c says how much hemisphere c has
    that the other one lacks. It is ``OUTSIDE`` where hemisphere c has no brain.
    ``scripts.network.score.slice_scores`` reduces the map to one number.

    Args:
        backbone: see :func:`scripts.network.backbones.encoder`.
        comparison: ``local`` or ``context`` (ours), ``single_hemisphere`` (the control), ``difference`` or
            ``concatenation`` (the baselines).
        pretrained: start with ImageNet weights, for timm's backbones.
        old_names: none; arguments that had another name up to version 0.10 raise an error that says the new name.

    Raises:
        ValueError: if there is no such backbone or comparison; the message lists the known ones.
        TypeError: if an argument has its old name or is unknown.
    """

    def __init__(
        self, backbone: str = "compact", comparison: str = "local", pretrained: bool = False, **old_names: Any
    ) -> None:
        super().__init__()
        reject_renamed(old_names, "SiameseNetwork")
        if comparison not in COMPARISONS:
            raise ValueError(f"There is no comparison {comparison!r}. Choose one of: {', '.join(COMPARISONS)}.")
        chosen = COMPARISONS[comparison]
        self.encoder, channels = encoder(backbone, chosen.maps, pretrained)
        self.head = chosen.build(channels, **chosen.options)
        self.test_time_flip = chosen.test_time_flip
        self.calibration = Calibration()
        self.limit, self.outside = LIMIT, OUTSIDE  # TorchScript has no access to a module's constants
        # The slice score that few normal slices exceed. Validation sets it, and it is saved with the weights.
        self.register_buffer("threshold", torch.zeros(1))
        self.to(memory_format=torch.channels_last)  # nearly twice as fast on a CPU, and what AMP needs on a GPU

    def forward(self, image: Tensor) -> Tensor:
        """Return the evidence map (N, 2, H, W) of pairs ``image`` (N, 2, H, W)."""
        evidence = self._compare(image)  # (2N, 1, h, w)
        if self.test_time_flip and not self.training:
            # Flipped front to back, a brain has other folds but the same lesion: the mean has fewer chance peaks.
            evidence = (evidence + self._compare(image.flip(3)).flip(3)) / 2
        evidence = self.calibration(evidence)
        evidence = self.limit * torch.tanh(evidence / self.limit)
        evidence = F.interpolate(evidence, size=image.shape[-2:], mode="bilinear", align_corners=False)
        left, right = evidence.chunk(2, dim=0)
        evidence = torch.cat([left, right], dim=1)  # (N, 2, H, W)
        return torch.where(image != 0, evidence, torch.full_like(evidence, self.outside))

    def load_state_dict(self, state_dict: Mapping[str, Any], strict: bool = True, assign: bool = False) -> Any:
        """Load weights; all names must agree, whatever ``strict`` says.

        Hosts such as MONAI Label ask for less. A network that keeps random weights would then answer in silence.

        Raises:
            RuntimeError: if a weight is missing, unknown, or of another shape.
        """
        return super().load_state_dict(state_dict, True, assign)

    def _compare(self, image: Tensor) -> Tensor:
        return self.head(self.encoder(stack_hemispheres(image)))  # of (2N, 1, H, W)
