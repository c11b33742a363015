"""Calibrate the scores: fit scale and bias of the evidence to scans that the network was not trained on."""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F
from ignite.engine import Engine, Events
from torch import nn

from .evidence import CollectEvidence, Evidence

ITERATIONS = 30
"""Iterations of the optimiser."""


def fit(evidence: Evidence, limit: float, start: tuple[float, float] = (1.0, 0.0)) -> tuple[float, float]:
    """Fit scale and bias so that the sigmoid of a slice score is the probability of a lesion.

    As in ``scripts.evaluation.calibration``, half of all slices count as normal (Platt 1999; Guo et al. 2017,
    arXiv:1706.04599).

    Args:
        evidence: of normal slices and of slices with a lesion.
        limit: of the network's evidence.
        start: scale and bias to start from.

    Returns:
        Scale and bias of the evidence.

    Raises:
        ValueError: if there are no normal slices, or no slices with a lesion.
    """
    share = float(evidence.lesion.mean())
    if not 0 < share < 1:
        raise ValueError(
            "A calibration needs normal slices and slices with a lesion; 'conditions' gives only one of them."
        )
    chunks = evidence.chunks()
    scale, bias = (torch.tensor([value], requires_grad=True, device=evidence.evidence.device) for value in start)
    optimizer = torch.optim.LBFGS([scale, bias], max_iter=ITERATIONS, line_search_fn="strong_wolfe")

    def loss() -> float:
        optimizer.zero_grad()
        total = 0.0
        for chunk in chunks:
            weight = torch.where(chunk.lesion > 0, 0.5 / share, 0.5 / (1 - share)) / len(evidence.lesion)
            scores = chunk.scores(scale, bias, limit)
            part = F.binary_cross_entropy_with_logits(scores, chunk.lesion, weight, reduction="sum")
            part.backward()
            total += part.item()
        return total

    with torch.enable_grad():
        optimizer.step(loss)
    return scale.item(), bias.item()


class Recalibrate:
    """Fit ``network.calibration`` to an evaluation, see :func:`fit`; a handler of a validator.

    A network is too confident on scans that it was not trained on. Scale and bias of the evidence correct this. They
    act before the evidence is pooled to a score, so that map, score and threshold stay consistent.

    It acts once, at the end of the first evaluation. A second evaluation shows the effect, and sets the threshold of
    the new scores.

    Args:
        network: a :class:`scripts.network.siamese.SiameseNetwork`. Only its ``calibration`` is changed.
    """

    def __init__(self, network: nn.Module) -> None:
        self.network: Any = network
        self.collect = CollectEvidence(network)
        self.fitted = False

    def attach(self, engine: Engine) -> None:
        """Subscribe to every batch and to the end of the evaluation."""
        self.collect.attach(engine)
        engine.add_event_handler(Events.EPOCH_COMPLETED, self)

    def __call__(self, engine: Engine) -> None:
        """Fit, once.

        Raises:
            ValueError: if the evaluation had no normal slices, or no slices with a lesion.
        """
        if self.fitted:
            return
        self.fitted = True
        calibration = self.network.calibration
        start = calibration.scale.item(), calibration.bias.item()
        fitted = fit(self.collect.taken(), self.network.limit, start)
        with torch.no_grad():
            for parameter, value in zip((calibration.scale, calibration.bias), fitted, strict=True):
                parameter.fill_(value)
