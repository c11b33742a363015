"""The baseline: an asymmetry score without any learning."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from ..blur import blur


def difference_score(image: Tensor, sigma: float = 2.0, edge: float = 0.25) -> Tensor:
    """Score a pair by the largest smoothed difference of its hemispheres, relative to the local strength of edges.

    At an edge of the anatomy, a small natural shift makes a large difference. The difference is therefore divided by
    the strength of the edges there.

    Args:
        image: pairs (N, 2, H, W), normalised, background 0.
        sigma: of the smoothing, in pixels.
        edge: added to the strength of the edges, in standard deviations of the brain per pixel.

    Returns:
        (N,) scores, 0 for equal hemispheres. They have no unit and no natural threshold.
    """
    left, right = image[:, 0], image[:, 1]
    in_both = blur(((left != 0) & (right != 0)).float(), sigma) > 0.95  # away from the outline of the brain
    left, right = blur(left, sigma), blur(right, sigma)
    strength = (_gradient(left) + _gradient(right)) / 2
    return (((left - right).abs() / (strength + edge)) * in_both).flatten(1).amax(1)


def _gradient(image: Tensor) -> Tensor:
    down = F.pad(image[:, 1:] - image[:, :-1], (0, 0, 0, 1))
    across = F.pad(image[:, :, 1:] - image[:, :, :-1], (0, 1))
    return torch.hypot(down, across)
