"""The loss: whether a slice is asymmetric, and where."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .score import OUTSIDE, has_lesion, slice_scores


class AsymmetryLoss(nn.Module):
    """Binary cross-entropy of the slice score, plus that of the pixels.

    A lesion covers about 1 % of the pixels. Its pixels therefore get a fixed share of the pixel loss.

    Args:
        pixel_weight: weight of the pixel loss; 0 for comparisons that give one logit for the whole slice.
        lesion_share: share of the pixel loss that belongs to the lesion's pixels, in slices with a lesion.
    """

    def __init__(self, pixel_weight: float = 1.0, lesion_share: float = 0.5) -> None:
        super().__init__()
        self.pixel_weight, self.lesion_share = pixel_weight, lesion_share

    def forward(self, pred: Tensor, label: Tensor) -> Tensor:
        """Return the mean loss of evidence maps ``pred`` (N, 2, H, W) for lesion masks ``label`` (N, 2, H, W)."""
        loss = F.binary_cross_entropy_with_logits(slice_scores(pred), has_lesion(label))
        if self.pixel_weight == 0:
            return loss
        pixels = F.binary_cross_entropy_with_logits(pred.float(), label.float(), reduction="none")
        lesion = label > 0
        healthy = (pred > OUTSIDE / 2) & ~lesion
        in_lesion, elsewhere = (_mean_where(pixels, where) for where in (lesion, healthy))  # (N,)
        share = torch.where(lesion.flatten(1).any(1), self.lesion_share, 0.0)
        return loss + self.pixel_weight * (share * in_lesion + (1 - share) * elsewhere).mean()


def _mean_where(values: Tensor, where: Tensor) -> Tensor:
    return (values * where).flatten(1).sum(1) / where.flatten(1).sum(1).clamp(min=1)
