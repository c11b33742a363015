"""The decision threshold, from normal slices of the validation subjects, saved with the weights."""

from __future__ import annotations

import torch
from ignite.engine import Engine, Events
from torch import nn

from ..evaluation.collect import CollectScores


class SetThreshold:
    """Set ``network.threshold`` so that a stated share of normal slices lies above it; a handler of the validator.

    It acts before a ``CheckpointSaver`` that comes after it in the list, so that every saved network carries the
    threshold of its own weights.

    Args:
        network: with a buffer ``threshold`` (1,), a slice score.
        target_fpr: the share of normal slices that may lie above. With few validation subjects take less than
            is wanted of new ones: a few show less of the spread than there is.

    Raises:
        ValueError: if the share is not between 0 and 1.
    """

    def __init__(self, network: nn.Module, target_fpr: float) -> None:
        if not 0 < target_fpr < 1:
            raise ValueError(f"target_fpr is the share of normal slices, between 0 and 1, not {target_fpr}.")
        self.network, self.target_fpr, self.collect = network, target_fpr, CollectScores()

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
        normal = table["score"][[lesion_type == "normal" for lesion_type in table["lesion_type"]]]
        if len(normal) == 0:
            raise ValueError("The validation has no condition of kind 'normal', so no threshold can be set.")
        network = getattr(self.network, "module", self.network)  # within DistributedDataParallel
        network.threshold.fill_(float(torch.quantile(normal, 1 - self.target_fpr)))
