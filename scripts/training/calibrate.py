"""Making the scores mean what they say: scale and bias of the evidence, fitted to scans not trained on."""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F
from ignite.engine import Engine, Events
from torch import Tensor, nn

from ..network.score import OUTSIDE, has_lesion, slice_scores

ITERATIONS = 30
AT_ONCE = 256
"""Slices that the fit takes at a time, which bounds its memory."""


class Recalibrate:
    """Fit ``network.calibration`` to a validation, so that the sigmoid of a slice score is the chance of a lesion.

    A network knows the scans it was trained on, and is too sure of others. Two numbers mend that: the scale and the
    bias of the evidence (Platt 1999; Guo et al. 2017, arXiv:1706.04599), here before the pooling to a score, so that
    the map, the score and the threshold stay one thing. As in ``scripts.evaluation.calibration``, half of all slices
    count as normal.

    A handler of a validator. It acts once, at the end of the first evaluation: a second one shows what it did, and
    sets the threshold of the new scores. All evidence is kept until then, about 20 kB for each slice and condition.

    Args:
        network: a :class:`scripts.network.siamese.SiameseNetwork`, whose ``calibration`` is changed and nothing else.
    """

    def __init__(self, network: nn.Module) -> None:
        self.network, self.done = network, False
        self.raw: list[Tensor] = []
        self.inside: list[Tensor] = []
        self.lesion: list[Tensor] = []

    def attach(self, engine: Engine) -> None:
        """Subscribe to every batch and to the end of the evaluation, and listen to what the head says."""
        self.listening = self.network.calibration.register_forward_hook(self._keep)
        engine.add_event_handler(Events.ITERATION_COMPLETED, self._collect)
        engine.add_event_handler(Events.EPOCH_COMPLETED, self)

    def _keep(self, module: nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> None:
        left, right = inputs[0].chunk(2, dim=0)
        self.raw.append(torch.cat([left, right], dim=1).half())  # (N, 2, h, w)

    def _collect(self, engine: Engine) -> None:
        if self.done:
            return
        output: Any = engine.state.output
        brain = (output["image"] != 0).float()
        self.inside.append(F.adaptive_max_pool2d(brain, self.raw[-1].shape[-2:]) > 0)
        self.lesion.append(has_lesion(output["label"]))

    def __call__(self, engine: Engine) -> None:
        """Fit, once.

        Raises:
            ValueError: if the evaluation lacked normal slices or slices with a lesion.
        """
        if self.done:
            return
        self.listening.remove()
        raw, inside, lesion = (torch.cat(parts) for parts in (self.raw, self.inside, self.lesion))
        self.raw, self.inside, self.lesion, self.done = [], [], [], True
        share = lesion.mean()
        if not 0 < share < 1:
            raise ValueError("A calibration needs normal slices and slices with a lesion; 'conditions' gives only one.")
        weight = torch.where(lesion > 0, 0.5 / share, 0.5 / (1 - share)) / len(lesion)
        parts = list(zip(*(values.split(AT_ONCE) for values in (raw, inside, lesion, weight)), strict=True))
        calibration, limit = self.network.calibration, self.network.limit
        fit = torch.optim.LBFGS(calibration.parameters(), max_iter=ITERATIONS, line_search_fn="strong_wolfe")

        def loss() -> float:
            fit.zero_grad()
            total = 0.0
            for evidence, where, truth, much in parts:
                limited = limit * torch.tanh(calibration(evidence.float()) / limit)
                scores = slice_scores(torch.where(where, limited, OUTSIDE))
                part = F.binary_cross_entropy_with_logits(scores, truth, much, reduction="sum")
                part.backward()
                total += part.item()
            return total

        with torch.enable_grad():
            fit.step(loss)
        fit.zero_grad(set_to_none=True)
