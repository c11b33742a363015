"""Calibrate the scores: fit scale and bias of the evidence to scans that the network was not trained on."""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F
from ignite.engine import Engine, Events
from torch import Tensor, nn

from ..network.score import OUTSIDE, has_lesion, slice_scores

ITERATIONS = 30
"""Iterations of the optimiser."""

CHUNK = 256
"""Slices that the fit processes at a time, which limits the memory."""


class Recalibrate:
    """Fit ``network.calibration`` so that the sigmoid of a slice score is the probability of a lesion.

    A network is too confident on scans that it was not trained on. Two numbers correct this: scale and bias of the
    evidence (Platt 1999; Guo et al. 2017, arXiv:1706.04599). They act before the evidence is pooled to a score, so that
    map, score and threshold stay consistent. As in ``scripts.evaluation.calibration``, half of all slices count as
    normal.

    A handler of a validator. It acts once, at the end of the first evaluation. A second evaluation shows the effect,
    and sets the threshold of the new scores. All evidence is kept until then, about 20 kB for each slice and condition.

    Args:
        network: a :class:`scripts.network.siamese.SiameseNetwork`. Only its ``calibration`` is changed.
    """

    def __init__(self, network: nn.Module) -> None:
        self.network: Any = network
        self.fitted = False
        self.raw: list[Tensor] = []
        self.brain: list[Tensor] = []
        self.lesion: list[Tensor] = []

    def attach(self, engine: Engine) -> None:
        """Subscribe to every batch and to the end of the evaluation, and record the input of the calibration."""
        self.hook = self.network.calibration.register_forward_hook(self._record)
        engine.add_event_handler(Events.ITERATION_COMPLETED, self._collect)
        engine.add_event_handler(Events.EPOCH_COMPLETED, self)

    def _record(self, module: nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> None:
        left, right = inputs[0].chunk(2, dim=0)
        self.raw.append(torch.cat([left, right], dim=1).half())  # (N, 2, h, w)

    def _collect(self, engine: Engine) -> None:
        if self.fitted:
            return
        output: Any = engine.state.output
        brain = (output["image"] != 0).float()
        self.brain.append(F.adaptive_max_pool2d(brain, self.raw[-1].shape[-2:]) > 0)
        self.lesion.append(has_lesion(output["label"]))

    def __call__(self, engine: Engine) -> None:
        """Fit, once.

        Raises:
            ValueError: if the evaluation had no normal slices, or no slices with a lesion.
        """
        if self.fitted:
            return
        self.hook.remove()
        raw, brain, lesion = (torch.cat(parts) for parts in (self.raw, self.brain, self.lesion))
        self.raw, self.brain, self.lesion, self.fitted = [], [], [], True
        share = lesion.mean()
        if not 0 < share < 1:
            raise ValueError(
                "A calibration needs normal slices and slices with a lesion; 'conditions' gives only one of them."
            )
        weight = torch.where(lesion > 0, 0.5 / share, 0.5 / (1 - share)) / len(lesion)
        chunks = list(zip(*(values.split(CHUNK) for values in (raw, brain, lesion, weight)), strict=True))
        calibration, limit = self.network.calibration, self.network.limit
        optimizer = torch.optim.LBFGS(calibration.parameters(), max_iter=ITERATIONS, line_search_fn="strong_wolfe")

        def loss() -> float:
            optimizer.zero_grad()
            total = 0.0
            for evidence, inside, truth, weights in chunks:
                limited = limit * torch.tanh(calibration(evidence.float()) / limit)
                scores = slice_scores(torch.where(inside, limited, OUTSIDE))
                part = F.binary_cross_entropy_with_logits(scores, truth, weights, reduction="sum")
                part.backward()
                total += part.item()
            return total

        with torch.enable_grad():
            optimizer.step(loss)
        optimizer.zero_grad(set_to_none=True)
