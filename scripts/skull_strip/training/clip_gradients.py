"""Clip the gradients before every step, and skip a step whose gradients are not finite."""

from __future__ import annotations

import torch
from ignite.engine import Engine
from monai.engines.utils import IterationEvents
from torch import nn


class ClipGradients:
    """Clip the norm of the gradients; a handler of the trainer.

    A norm that is not finite can't be clipped (infinity times 0 is not a number): such a step is skipped.

    Args:
        network: whose gradients are clipped.
        max_norm: the largest norm that stays as it is.

    Attributes:
        skipped: number of steps skipped so far.
    """

    def __init__(self, network: nn.Module, max_norm: float = 1.0) -> None:
        self.network, self.max_norm, self.skipped = network, max_norm, 0

    def attach(self, engine: Engine) -> None:
        """Run after the gradients are computed and before the optimizer's step."""
        engine.add_event_handler(IterationEvents.BACKWARD_COMPLETED, self)

    def __call__(self, engine: Engine) -> None:
        """Clip the gradients, or remove them: the optimizer leaves parameters without a gradient as they are."""
        norm = nn.utils.clip_grad_norm_(self.network.parameters(), self.max_norm)
        if not bool(torch.isfinite(norm)):
            self.skipped += 1
            self.network.zero_grad(set_to_none=True)
