"""From an evidence map to numbers: a score for each slice, one for the scan, and the side."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

OUTSIDE = -20.0
"""Evidence outside the brain: a logit that no network reaches inside it (a probability of 1e-9). The evidence map thus
also says where the brain is, and every score can be computed from it alone."""

SHARPNESS = 2.0
"""How the evidence is pooled: 0 is its mean, infinity its maximum. A lesion covers about 1 % of a slice. With a
sharpness of 2 it needs a logit of about 2 to dominate the score of the slice."""

NEIGHBOURS = 5
"""The score of a scan is the highest mean of so many neighbouring slices: what is wrong spans several, a chance peak
does not."""

SIDES = ("left", "right")
"""Side of each channel of a pair."""

UNKNOWN = "unknown"


def slice_scores(pred: Tensor) -> Tensor:
    """Pool evidence maps to one logit per slice: the log-mean-exp over the brain's pixels in both hemispheres.

    Swapping the hemispheres does not change the score, exactly. It lies between the mean and the maximum of the
    evidence, as set by ``SHARPNESS`` (Pinheiro & Collobert 2015, doi:10.1109/CVPR.2015.7298780).

    Args:
        pred: evidence maps (N, 2, H, W), logits; ``OUTSIDE`` where there is no brain.

    Returns:
        (N,) logits; ``OUTSIDE`` for a slice without brain.
    """
    return _slices(*_pool(pred))


def _pool(pred: Tensor) -> tuple[Tensor, Tensor]:
    """Return the log-sum-exp over the brain of each hemisphere, (N, C), and its number of pixels (N, C)."""
    evidence = pred.flatten(2).float()  # (N, C, HW)
    inside = evidence > OUTSIDE / 2
    pooled = torch.logsumexp((evidence * SHARPNESS).masked_fill_(~inside, -torch.inf), dim=2)
    return pooled, inside.sum(2)


def _slices(pooled: Tensor, pixels: Tensor) -> Tensor:
    """Turn what :func:`_pool` returns into one logit for each slice, (N,)."""
    total = pixels.sum(1)
    scores = (pooled.logsumexp(1) - total.clamp(min=1).log()) / SHARPNESS
    return torch.where(total > 0, scores, torch.full_like(scores, OUTSIDE))


def scan_score(scores: Tensor) -> float:
    """Return the highest mean of neighbouring slice scores (logits) of a scan; ``scores`` is (Z,)."""
    return float(scores[highest_slices(scores)].mean())


def highest_slices(scores: Tensor) -> slice:
    """Return which neighbouring slices have the highest mean score; all of a scan with fewer slices.

    Args:
        scores: of the slices of a scan, from inferior to superior (Z,), logits.
    """
    width = min(NEIGHBOURS, len(scores))
    first = int(scores.unfold(0, width, 1).mean(dim=1).argmax())
    return slice(first, first + width)


def _leading(pooled: Tensor, pixels: Tensor) -> Tensor:
    """Return the channel with more evidence in each slice, 0 or 1, or -1 where both are equal; see :func:`_pool`."""
    first, second = (_slices(pooled[:, c : c + 1], pixels[:, c : c + 1]) for c in (0, 1))
    return torch.where(first == second, -1, torch.where(first > second, 0, 1))


def with_scores(output: dict[str, Any]) -> dict[str, Any]:
    """Add ``score`` and ``leading_channel``, each (N,), to an output with evidence maps ``pred`` (N, 2, H, W).

    This is the evaluator's postprocessing: its metrics and handlers all need both, and one pass over the evidence is
    enough. An output that already has a score is returned as it is.
    """
    if "score" in output:
        return output
    pooled, pixels = _pool(_batched(output["pred"]))
    return {**output, "score": _slices(pooled, pixels), "leading_channel": _leading(pooled, pixels)}


def scores_and_labels(output: Any) -> tuple[Tensor, Tensor]:
    """Return scores (N,) and labels (N,) of the slices in an engine's output, for metrics of ignite and MONAI."""
    items = [output] if isinstance(output, dict) else output
    scores = torch.cat([with_scores(item)["score"] for item in items])
    return scores, has_lesion(torch.cat([_batched(item["label"]) for item in items]))


def has_lesion(label: Tensor) -> Tensor:
    """Return 1.0 for every slice whose lesion mask (N, 2, H, W) is not empty, else 0.0."""
    return (label.flatten(1).amax(1) > 0).float()


def _batched(tensor: Tensor) -> Tensor:
    return tensor if tensor.ndim == 4 else tensor[None]
