"""The curriculum: which lesion sizes the network is trained on, and when."""

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
"""A weight, the smallest size and the largest size that are drawn with this weight."""


@dataclass(frozen=True)
class Stage:
    """One stage of a curriculum: its share of all epochs, and how lesion sizes are drawn in it.

    Attributes:
        share: of all epochs. The shares of a curriculum add up to 1.
        sizes: weighted ranges. Sizes are log-uniform within each range.
        gate: the stage ends early when the validator's key metric reaches this value; None: never.
    """

    share: float
    sizes: tuple[SizeRange, ...]
    gate: float | None = None


def _stage_per_size(sizes: Sequence[float]) -> tuple[Stage, ...]:
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
    "ascending": _stage_per_size(SIZES),
    "descending": _stage_per_size(SIZES[::-1]),
    **{f"single_{size:g}": _stage_per_size([size]) for size in SIZES},
}
"""Curricula by name. A network that is trained on one size at a time forgets the earlier sizes. The default therefore
rehearses: it starts with middle sizes, then always draws some of every size. A longer training can start with small
lesions earlier and draw more of them."""


def draw_sizes(ranges: Sequence[SizeRange], uniform: Tensor) -> Tensor:
    """Turn uniform random numbers into lesion sizes: choose a range by its weight, then a log-uniform size in it.

    Args:
        ranges: weighted ranges of sizes.
        uniform: random numbers (N, 2) in [0, 1).

    Returns:
        Sizes (N,), in the unit of the ranges.
    """
    weight, low, high = torch.tensor(ranges, dtype=torch.float32).unbind(1)
    bounds = weight.cumsum(0) / weight.sum()
    chosen = torch.searchsorted(bounds, uniform[:, 0].contiguous(), right=True).clamp(max=len(ranges) - 1)
    return low[chosen] * (high[chosen] / low[chosen]) ** uniform[:, 1]


class DrawsSizes(Protocol):
    """Anything that draws lesion sizes from its attribute ``sizes``; the curriculum sets this attribute."""

    sizes: Sequence[SizeRange]


class Curriculum:
    """Set the lesion sizes of the simulation before every epoch; a handler of the trainer.

    The stage and the epoch in which it began are kept in the trainer's own state (``curriculum_stage``,
    ``curriculum_start``). A checkpoint of the trainer therefore resumes in the right stage.

    Args:
        name: a key of :data:`CURRICULA`.
        simulation: its attribute ``sizes`` is set before every epoch.
        validator: the engine whose key metric can end a stage early. Only curricula with a gate need it.
        choice: the choice of slices, whose pathologies follow the curriculum, too; None without.

    Raises:
        ValueError: if there is no such curriculum; the message lists the known names.
    """

    def __init__(
        self, name: str, simulation: DrawsSizes, validator: Any = None, choice: DrawsSizes | None = None
    ) -> None:
        if name not in CURRICULA:
            raise ValueError(f"There is no curriculum {name!r}. Choose one of: {', '.join(CURRICULA)}.")
        self.stages, self.validator = CURRICULA[name], validator
        self.simulations = [simulation] if choice is None else [simulation, choice]

    def attach(self, engine: Engine) -> None:
        """Subscribe to the start of every epoch of the trainer."""
        engine.state.curriculum_stage, engine.state.curriculum_start = 0, 0
        engine.state_dict_user_keys.extend(["curriculum_stage", "curriculum_start"])
        engine.add_event_handler(Events.EPOCH_STARTED, self)

    def __call__(self, engine: Engine) -> None:
        """Advance to the next stage if the current one has ended, and set the sizes of this epoch."""
        state, completed = engine.state, engine.state.epoch - 1
        while state.curriculum_stage < len(self.stages) - 1 and self._stage_has_ended(state, completed):
            state.curriculum_stage, state.curriculum_start = state.curriculum_stage + 1, completed
        for simulation in self.simulations:
            simulation.sizes = self.stages[state.curriculum_stage].sizes
        state.metrics["curriculum_stage"] = state.curriculum_stage

    def _stage_has_ended(self, state: Any, completed: int) -> bool:
        """Whether the current stage has lasted its share of the epochs, or has passed its gate."""
        stage = self.stages[state.curriculum_stage]
        if completed - state.curriculum_start >= max(1, math.floor(stage.share * state.max_epochs + 0.5)):
            return True
        if stage.gate is None or self.validator is None or completed == state.curriculum_start:
            return False
        return bool(self.validator.state.metrics.get(self.validator.state.key_metric_name, 0.0) >= stage.gate)
