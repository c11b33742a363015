"""What an evaluation of the study needs beyond ``configs/evaluate.json``: it writes scores, and no figures."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from ignite.engine import Engine, Events
from torch import nn

from scripts.atomic_write import write_text
from scripts.evaluation.baseline import difference_score
from scripts.evaluation.collect import CollectScores
from scripts.network.inferer import BatchInferer

SCORES = "scores.json"


class WriteScores:
    """Write the score of every slice as ``scores.json``; a handler of the evaluator.

    The tables are made later, of all seeds together, so that each evaluation ends without them.

    Args:
        network: its ``threshold`` is written, too.
        output_dir: made if it is missing.
    """

    def __init__(self, network: nn.Module, output_dir: str) -> None:
        self.network, self.output_dir = network, Path(output_dir)
        self.collect = CollectScores(baseline=difference_score)

    def attach(self, engine: Engine) -> None:
        """Collect the scores, and write them at the end of the evaluation."""
        self.collect.attach(engine)
        engine.add_event_handler(Events.COMPLETED, self)

    def __call__(self, engine: Engine) -> None:
        network: Any = self.network
        columns = {
            name: values.tolist() if isinstance(values, torch.Tensor) else values
            for name, values in self.collect.table().items()
        }
        content = {"threshold": float(network.threshold), "columns": columns}
        write_text(self.output_dir / SCORES, json.dumps(content))


class MixedBatchInferer(BatchInferer):
    """Score a few slices at a time, in bfloat16 if wanted.

    Args:
        bfloat16: compute in it; the output is in single precision.
    """

    def __init__(self, bfloat16: bool = False) -> None:
        super().__init__()
        self.bfloat16 = bfloat16

    def __call__(
        self, inputs: torch.Tensor, network: Callable[..., torch.Tensor], *args: Any, **kwargs: Any
    ) -> torch.Tensor:
        """Return the network's output for ``inputs`` (N, 2, H, W)."""
        with torch.autocast(inputs.device.type, torch.bfloat16, enabled=self.bfloat16):
            return super().__call__(inputs, network, *args, **kwargs).float()
