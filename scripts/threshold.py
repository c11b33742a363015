"""The decision threshold, from normal slices of the validation subjects, saved with the weights."""

from __future__ import annotations

import torch
from ignite.engine import Engine, Events
from torch import nn

from .collect import CollectScores


class SetThreshold:
    """Set ``network.threshold`` so that a stated share of normal slices lies above it; a handler of the validator.

    It acts before a ``CheckpointSaver`` that comes after it in the list, so that every saved network carries the
    threshold of its own weights.

    Args:
        network: with a buffer ``threshold`` (1,), a slice score.
        false_positives: the share of normal slices that may lie above. Less than the 5 % that are wanted, since a few
            validation subjects show less of the spread than there is among new ones.
    """

    def __init__(self, network: nn.Module, false_positives: float = 0.03) -> None:
        self.network, self.false_positives, self.collect = network, false_positives, CollectScores()

    def attach(self, engine: Engine) -> None:
        """Collect the scores, and subscribe to the end of the evaluation."""
        self.collect.attach(engine)
        engine.add_event_handler(Events.EPOCH_COMPLETED, self)

    def __call__(self, engine: Engine) -> None:
        """Set the threshold.

        Raises:
            ValueError: if the evaluation had no normal slice.
        """
        table = self.collect.table()
        normal = table["score"][[kind == "normal" for kind in table["kind"]]]
        if len(normal) == 0:
            raise ValueError("The validation has no condition of kind 'normal', so no threshold can be set.")
        network = getattr(self.network, "module", self.network)  # within DistributedDataParallel
        network.threshold.fill_(float(torch.quantile(normal, 1 - self.false_positives)))
