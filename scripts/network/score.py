"""From evidence to numbers: one per slice, one per scan, and the side."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

OUTSIDE = -20.0
"""Evidence outside the brain: a logit that no network reaches inside (a probability of 1e-9), so that the evidence
alone says where the brain is and every score is a function of it."""

SHARPNESS = 2.0
"""Between the mean (0) and the maximum (infinity) of the evidence. A lesion covers about 1 % of a slice: with a
sharpness of 2 it needs a logit of about 2 to carry the slice."""

SLICES_PER_SCAN = 3
"""How many of the highest slices make the score of a scan: a lesion spans several, a chance peak does not."""

SIDES = ("left", "right")
"""By channel of a pair."""

UNKNOWN = "unknown"


def slice_scores(pred: Tensor) -> Tensor:
    """Pool evidence to one logit per slice: the log-mean-exp over the pixels of the brain, both halves.

    Swapping the halves leaves it as it is, exactly. It lies between the mean and the maximum of the evidence, as near
    to the maximum as ``SHARPNESS`` says (Pinheiro & Collobert 2015, doi:10.1109/CVPR.2015.7298780).

    Args:
        pred: evidence (N, 2, H, W), logits; ``OUTSIDE`` where there is no brain.

    Returns:
        (N,) logits; ``OUTSIDE`` for a slice without brain.
    """
    return _slices(*_pool(pred))


def _pool(pred: Tensor) -> tuple[Tensor, Tensor]:
    """Return the log-sum-exp over the brain of each half, (N, C), and its pixels (N, C)."""
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
    """Return the mean of the highest slice scores (logits) of a scan; ``scores`` is (Z,)."""
    return float(scores.topk(min(SLICES_PER_SCAN, len(scores))).values.mean())


def _leading(pooled: Tensor, pixels: Tensor) -> Tensor:
    """Turn what :func:`_pool` returns into which half leads in each slice: 0, 1, or -1 where they are equal."""
    first, second = (_slices(pooled[:, c : c + 1], pixels[:, c : c + 1]) for c in (0, 1))
    return torch.where(first == second, -1, torch.where(first > second, 0, 1))


def with_scores(output: dict[str, Any]) -> dict[str, Any]:
    """Put ``score`` and ``leading_channel``, each (N,), beside the evidence ``pred`` (N, 2, H, W).

    An evaluator's postprocessing: its metrics and handlers all need them, and one pass over the evidence gives both.
    Where they are, nothing is done.
    """
    if "score" in output:
        return output
    pooled, pixels = _pool(_batched(output["pred"]))
    return {**output, "score": _slices(pooled, pixels), "leading_channel": _leading(pooled, pixels)}


def scores_and_labels(output: Any) -> tuple[Tensor, Tensor]:
    """Read (scores (N,), labels (N,)) of slices from an engine's output, for ignite and MONAI metrics."""
    items = [output] if isinstance(output, dict) else output
    scores = torch.cat([with_scores(item)["score"] for item in items])
    return scores, has_lesion(torch.cat([_batched(item["label"]) for item in items]))


def has_lesion(label: Tensor) -> Tensor:
    """Return 1.0 for every slice whose lesion mask (N, 2, H, W) is not empty, else 0.0."""
    return (label.flatten(1).amax(1) > 0).float()


def _batched(tensor: Tensor) -> Tensor:
    return tensor if tensor.ndim == 4 else tensor[None]
