"""Gradients that are clipped before every step, and a step that is left out where they are not finite."""

from __future__ import annotations

import torch
from ignite.engine import Engine
from monai.engines.utils import IterationEvents
from torch import nn


class ClipGradients:
    """Clip the norm of the gradients; a handler of the trainer.

    A norm that is not finite can't be clipped (infinity times 0 is not a number): such a step is skipped.

    Args:
        network: whose gradients.
        max_norm: the largest norm.

    Attributes:
        skipped: steps left out so far.
    """

    def __init__(self, network: nn.Module, max_norm: float = 1.0) -> None:
        self.network, self.max_norm, self.skipped = network, max_norm, 0

    def attach(self, engine: Engine) -> None:
        """Subscribe to the moment between the gradients and the optimizer's step."""
        engine.add_event_handler(IterationEvents.BACKWARD_COMPLETED, self)

    def __call__(self, engine: Engine) -> None:
        """Clip, or drop the gradients: the optimizer leaves parameters without one as they are."""
        norm = nn.utils.clip_grad_norm_(self.network.parameters(), self.max_norm)
        if not bool(torch.isfinite(norm)):
            self.skipped += 1
            self.network.zero_grad(set_to_none=True)
