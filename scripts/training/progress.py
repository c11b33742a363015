"""What a training and an evaluation show on the console: a bar, and a line for all that is worth keeping."""

from __future__ import annotations

import time
from typing import Any

from ignite.engine import Engine, Events

from ..console.output import bar, count, duration, say

LINES = 10
"""Lines of a training without a terminal, beside those of its validations."""


class TrainingProgress:
    """Show epoch, loss, key metric and time left as a bar, and a line for every validated epoch; a handler.

    It belongs to the trainer, after the handler that validates. Where there is no terminal, lines take the place of
    the bar. It draws no random number.

    Args:
        validator: engine whose key metric is shown.
        weights: where the best weights are saved, for the last line.
    """

    def __init__(self, validator: Any, weights: str) -> None:
        self.validator, self.weights = validator, weights
        self.bar: Any = None
        self.losses: list[float] = []

    def attach(self, engine: Engine) -> None:
        """Subscribe to the events of the trainer, and to the start of a validation."""
        engine.add_event_handler(Events.STARTED, self._begin)
        engine.add_event_handler(Events.EPOCH_STARTED, self._open)
        engine.add_event_handler(Events.ITERATION_COMPLETED, self._step)
        engine.add_event_handler(Events.EPOCH_COMPLETED, self._line)
        engine.add_event_handler(Events.COMPLETED, self._end)
        self.validator.add_event_handler(Events.STARTED, self._validating)

    def _begin(self, engine: Engine) -> None:
        self.start, self.bar, self.metric = time.perf_counter(), None, ""

    def _open(self, engine: Engine) -> None:
        state: Any = engine.state
        self.losses.clear()
        if self.bar is None:  # only now is it known where a resumed training goes on
            shown = "{desc} {percentage:3.0f}%|{bar}| {elapsed}, {remaining} left{postfix}"
            length, before = state.epoch_length, state.epoch - 1
            self.first = state.epoch
            self.bar = bar(state.max_epochs * length, "batch", bar_format=shown, initial=before * length)
        self.bar.set_description_str(f"Epoch {state.epoch} of {state.max_epochs}", refresh=False)

    def _step(self, engine: Engine) -> None:
        output: Any = engine.state.output
        self.losses.append(float((output[0] if isinstance(output, list) else output)["loss"]))
        self.bar.set_postfix_str(f"loss {_mean(self.losses):.4f}{self.metric}", refresh=False)
        self.bar.update()

    def _validating(self, engine: Engine) -> None:
        if self.bar is not None:
            self.bar.set_description_str(f"{self.bar.desc}, validating")

    def _line(self, engine: Engine) -> None:
        state: Any = engine.state
        validated, name = self.validator.state, getattr(self.validator.state, "key_metric_name", None)
        text = f"Epoch {state.epoch:>{len(str(state.max_epochs))}} of {state.max_epochs}: loss {_mean(self.losses):.4f}"
        if name in validated.metrics and validated.epoch == state.epoch:
            self.metric = f", {name} {validated.metrics[name]:.4f}"
            text += f"{self.metric} (best {validated.best_metric:.4f} at epoch {validated.best_metric_epoch})"
        elif not self.bar.disable or state.epoch % max(1, state.max_epochs // LINES):
            return
        say(f"{text}, {duration(time.perf_counter() - self.start)}")

    def _end(self, engine: Engine) -> None:
        state: Any = engine.state
        if self.bar is None:  # all epochs were done before
            return
        self.bar.close()
        done = state.epoch - self.first + 1
        text = f"Trained {count(done, 'epoch')} in {duration(time.perf_counter() - self.start)}."
        if state.epoch < state.max_epochs:
            text += f" Stopped early, at epoch {state.epoch} of {state.max_epochs}."
        say(f"{text} Weights: {self.weights}")


class EvaluationProgress:
    """Show a bar over the scans of an evaluation, and a line with time and files at its end; a handler.

    It comes last among the handlers of an evaluator, so that its line stands below all others.

    Args:
        what: is done, for the line.
        files: where the results are.
    """

    def __init__(self, what: str, files: str) -> None:
        self.what, self.files = what, files

    def attach(self, engine: Engine) -> None:
        """Subscribe to the events of the evaluator."""
        engine.add_event_handler(Events.EPOCH_STARTED, self._open)
        engine.add_event_handler(Events.ITERATION_COMPLETED, lambda _: self.bar.update())
        engine.add_event_handler(Events.EPOCH_COMPLETED, lambda _: self.bar.close())
        engine.add_event_handler(Events.COMPLETED, self._end)

    def _open(self, engine: Engine) -> None:
        self.start, scans = time.perf_counter(), engine.state.epoch_length or 0
        self.title = f"{self.what} of {count(scans, 'scan')}"
        self.bar = bar(scans, "scan", self.title)

    def _end(self, engine: Engine) -> None:
        say(f"{self.title} in {duration(time.perf_counter() - self.start)}. Files: {self.files}")


def _mean(values: list[float]) -> float:
    return sum(values) / len(values)
