"""The curriculum: which sizes of asymmetry the network sees, and when."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import torch
from ignite.engine import Engine, Events
from torch import Tensor

from .lesion import SIZES

SizeRange = tuple[float, float, float]
"""A weight, and the least and the largest size that are drawn with it."""


@dataclass(frozen=True)
class Stage:
    """One stage: the share of all epochs that it lasts, and how sizes are drawn.

    Attributes:
        share: of the epochs; the shares of a curriculum add up to 1.
        sizes: weighted ranges, log-uniform within each.
        gate: the stage also ends when the validator's key metric reaches this; None is never.
    """

    share: float
    sizes: tuple[SizeRange, ...]
    gate: float | None = None


def _one_by_one(sizes: Sequence[float]) -> tuple[Stage, ...]:
    return tuple(Stage(1 / len(sizes), ((1.0, size, size),)) for size in sizes)


CURRICULA: dict[str, tuple[Stage, ...]] = {
    "rehearsing": (
        Stage(0.4, ((1.0, 7, 13.5),)),
        Stage(0.6, ((0.3, 2, 7), (0.7, 7, 20))),
    ),
    "rehearsing_long": (
        Stage(0.15, ((1.0, 7, 13.5),)),
        Stage(0.85, ((0.5, 2, 7), (0.5, 7, 20))),
    ),
    "mixed": (Stage(1.0, tuple((1 / len(SIZES), size, size) for size in SIZES)),),
    "middle": (Stage(1.0, ((1.0, 7, 13.5),)),),
    "ascending": _one_by_one(SIZES),
    "descending": _one_by_one(SIZES[::-1]),
    **{f"single_{size:g}": _one_by_one([size]) for size in SIZES},
}
"""Curricula by name. Pure stages forget what came first, so the default rehearses: middle sizes until the network sees
them, then always some of every size. A longer training can afford more of the small ones, and sooner."""


def draw_sizes(ranges: Sequence[SizeRange], uniform: Tensor) -> Tensor:
    """Turn uniform numbers (N, 2) in [0, 1) into sizes (N,): first the range by weight, then log-uniform in it."""
    weight, low, high = torch.tensor(ranges, dtype=torch.float32).unbind(1)
    bounds = weight.cumsum(0) / weight.sum()
    chosen = torch.searchsorted(bounds, uniform[:, 0].contiguous(), right=True).clamp(max=len(ranges) - 1)
    return low[chosen] * (high[chosen] / low[chosen]) ** uniform[:, 1]


class DrawsSizes(Protocol):
    """What a curriculum steers: anything that draws its sizes from ``sizes``."""

    sizes: Sequence[SizeRange]


class Curriculum:
    """Steer the sizes of the simulation, epoch by epoch; a handler of the trainer.

    The stage and the epoch it began in travel in the trainer's own state (``curriculum_stage``,
    ``curriculum_start``), so a checkpoint of the trainer resumes in the right stage.

    Args:
        name: a row of :data:`CURRICULA`.
        simulation: gets the sizes of the stage in its attribute ``sizes`` before every epoch.
        validator: the engine whose key metric opens gates; needed only by curricula with a gate.

    Raises:
        ValueError: if there is no such curriculum; the message lists those there are.
    """

    def __init__(self, name: str, simulation: DrawsSizes, validator: Any = None) -> None:
        if name not in CURRICULA:
            raise ValueError(f"There is no curriculum {name!r}. Choose one of: {', '.join(CURRICULA)}.")
        self.stages, self.simulation, self.validator = CURRICULA[name], simulation, validator

    def attach(self, engine: Engine) -> None:
        """Subscribe to the start of every epoch of the trainer."""
        engine.state.curriculum_stage, engine.state.curriculum_start = 0, 0
        engine.state_dict_user_keys.extend(["curriculum_stage", "curriculum_start"])
        engine.add_event_handler(Events.EPOCH_STARTED, self)

    def __call__(self, engine: Engine) -> None:
        """Move on where a stage is over, and set the sizes of the epoch that begins."""
        state, done = engine.state, engine.state.epoch - 1
        while state.curriculum_stage < len(self.stages) - 1 and self._over(state, done):
            state.curriculum_stage, state.curriculum_start = state.curriculum_stage + 1, done
        self.simulation.sizes = self.stages[state.curriculum_stage].sizes
        state.metrics["curriculum_stage"] = state.curriculum_stage

    def _over(self, state: Any, done: int) -> bool:
        stage = self.stages[state.curriculum_stage]
        if done - state.curriculum_start >= max(1, math.floor(stage.share * state.max_epochs + 0.5)):
            return True
        if stage.gate is None or self.validator is None or done == state.curriculum_start:
            return False
        return bool(self.validator.state.metrics.get(self.validator.state.key_metric_name, 0.0) >= stage.gate)
