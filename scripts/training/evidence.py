"""The evidence of many slices before it is pooled to scores: what a calibration is fitted to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import torch
import torch.nn.functional as F
from ignite.engine import Engine, Events
from torch import Tensor, nn

from ..network.score import OUTSIDE, has_lesion, slice_scores

CHUNK = 256
"""Slices that are processed at a time, which limits the memory."""


class Evidence(NamedTuple):
    """The evidence of N slices, at the resolution of the network's finest map.

    Attributes:
        evidence: logits (N, 2, h, w) before the network limits them.
        brain: (N, 2, h, w) boolean.
        lesion: 1.0 for a slice with a lesion, else 0.0, (N,).
    """

    evidence: Tensor
    brain: Tensor
    lesion: Tensor

    def chunks(self) -> list[Evidence]:
        """Return the slices in parts of at most ``CHUNK``."""
        return [Evidence(*part) for part in zip(*(values.split(CHUNK) for values in self), strict=True)]

    def scores(self, scale: float | Tensor = 1.0, bias: float | Tensor = 0.0, limit: float = torch.inf) -> Tensor:
        """Return the slice scores (N,), with the evidence scaled, shifted, and limited as the network does it."""
        moved = scale * self.evidence.float() + bias
        limited = limit * torch.tanh(moved / limit) if limit < torch.inf else moved
        return slice_scores(torch.where(self.brain, limited, OUTSIDE))


def joined(parts: Sequence[Evidence]) -> Evidence:
    """Return the slices of several collections as one."""
    return Evidence(*(torch.cat(values) for values in zip(*parts, strict=True)))


class CollectEvidence:
    """Collect the evidence of an evaluation, about 20 kB for each slice and condition; a handler of an evaluator.

    Args:
        network: a :class:`scripts.network.siamese.SiameseNetwork`.
        calibrated: collect what the network's own calibration returns, not what it gets.
    """

    def __init__(self, network: nn.Module, calibrated: bool = False) -> None:
        self.network: Any = network
        self.calibrated = calibrated
        self.parts: list[Evidence] = []
        self.seen: list[Tensor] = []

    def attach(self, engine: Engine) -> None:
        """Subscribe to every batch of the first evaluation."""
        self.hook = self.network.calibration.register_forward_hook(self._record)
        engine.add_event_handler(Events.ITERATION_COMPLETED, self._collect)

    def taken(self) -> Evidence:
        """Return all evidence and stop collecting."""
        self.hook.remove()
        parts, self.parts, self.seen = self.parts, [], []
        return joined(parts)

    def _record(self, module: nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> None:
        left, right = (output if self.calibrated else inputs[0]).detach().chunk(2, dim=0)
        self.seen.append(torch.cat([left, right], dim=1).half())  # (N, 2, h, w)

    def _collect(self, engine: Engine) -> None:
        if not self.seen:  # the hook is gone: this is a second evaluation
            return
        output: Any = engine.state.output
        evidence, self.seen = torch.cat(self.seen), []
        brain = F.adaptive_max_pool2d((output["image"] != 0).float(), evidence.shape[-2:]) > 0
        self.parts.append(Evidence(evidence, brain, has_lesion(output["label"])))
