"""The decision threshold, set on normal slices of the validation subjects and saved with the weights."""

from __future__ import annotations

from typing import Any

import torch
from ignite.engine import Engine, Events
from torch import nn

from ..console.renamed import reject_renamed
from ..evaluation.collect import CollectScores


class SetThreshold:
    """Set ``network.threshold`` to a false-positive rate on normal slices; a handler of the validator.

    It must come before the ``CheckpointSaver`` in the list of handlers, so that every saved network has the threshold
    of its own weights.

    Args:
        network: with a buffer ``threshold`` (1,), a slice score.
        target_fpr: share of the normal slices that may score above the threshold. With few validation subjects, choose
            less than you want for new subjects: a few subjects vary less than all.
        old_names: none; arguments that had another name up to version 0.10 raise an error that says the new name.

    Raises:
        ValueError: if the share is not between 0 and 1.
        TypeError: if an argument has its old name or is unknown.
    """

    def __init__(self, network: nn.Module, target_fpr: float = 0.03, **old_names: Any) -> None:
        reject_renamed(old_names, "SetThreshold")
        if not 0 < target_fpr < 1:
            raise ValueError(f"target_fpr is a share of the normal slices, between 0 and 1, not {target_fpr}.")
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
            raise ValueError(
                "The validation has no condition of lesion type 'normal', so no threshold can be set. Add one to "
                "'conditions'."
            )
        network: Any = getattr(self.network, "module", self.network)  # within DistributedDataParallel
        network.threshold.fill_(float(torch.quantile(normal, 1 - self.target_fpr)))
