"""The learning curve of a training, as a table beside its weights."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ignite.engine import Engine, Events

from ..atomic_write import write_text

MISSING = "n/a"
"""The metric of an epoch that was not validated."""


class WriteCurve:
    """Write loss and key metrics of every epoch as tab-separated values; a handler of the trainer.

    It must come after the handler that validates. A resumed training continues the same file.

    Args:
        path: of the file. A missing folder is created.
        validator: engine whose key metric is written for the epochs that it validated.
    """

    def __init__(self, path: str | Path, validator: Any) -> None:
        self.path, self.validator = Path(path), validator
        self.losses: list[float] = []

    def attach(self, engine: Engine) -> None:
        """Subscribe to every iteration and to the end of every epoch."""
        engine.add_event_handler(Events.EPOCH_STARTED, self.losses.clear)
        engine.add_event_handler(Events.ITERATION_COMPLETED, self._collect)
        engine.add_event_handler(Events.EPOCH_COMPLETED, self._write)

    def _collect(self, engine: Engine) -> None:
        output: Any = engine.state.output
        self.losses.append(float((output[0] if isinstance(output, list) else output)["loss"]))

    def _write(self, engine: Engine) -> None:
        state: Any = engine.state
        train, val = state.key_metric_name, self.validator.state.key_metric_name
        row = [str(state.epoch), f"{sum(self.losses) / len(self.losses):.4f}", f"{state.metrics[train]:.4f}"]
        validated = self.validator.state.epoch == state.epoch and val in self.validator.state.metrics
        row.append(f"{self.validator.state.metrics[val]:.4f}" if validated else MISSING)
        lines = self.path.read_text(encoding="utf-8").splitlines()[1:] if self.path.exists() and state.epoch > 1 else []
        earlier = [line for line in lines if int(line.split("\t")[0]) < state.epoch]
        header = "\t".join(["epoch", "train_loss", train, val])
        write_text(self.path, "\n".join([header, *earlier, "\t".join(row)]) + "\n")
