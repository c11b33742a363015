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
        false_positives: the share of normal slices that may lie above. With few validation subjects take less than
            is wanted of new ones: a few show less of the spread than there is.

    Raises:
        ValueError: if the share is not between 0 and 1.
    """

    def __init__(self, network: nn.Module, false_positives: float) -> None:
        if not 0 < false_positives < 1:
            raise ValueError(f"false_positives is the share of normal slices, between 0 and 1, not {false_positives}.")
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
