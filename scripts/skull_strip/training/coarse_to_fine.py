"""Training from coarse to fine: the canvas and voxel size of every batch, stage by stage."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from ignite.engine import Engine, Events


class View(NamedTuple):
    """What a batch shows: canvas in voxels, and the range of voxel sizes in mm of an adult-sized head."""

    canvas: tuple[int, int, int]
    voxel: tuple[float, float]


VIEWS = {
    # The first pass of inference: the whole field of view, whatever of it is brain.
    "whole": View((64, 64, 64), (2.6, 6.5)),
    "middle": View((64, 80, 80), (2.5, 3.2)),
    # The second pass: every brain in a canonical size, give or take what the first was wrong.
    "brain": View((80, 96, 96), (1.95, 2.6)),
}

PLANS: dict[str, tuple[tuple[float, dict[str, float]], ...]] = {
    "coarse to fine": (
        (0.40, {"whole": 1.0}),
        (0.20, {"whole": 0.2, "middle": 0.8}),
        (0.40, {"whole": 0.15, "brain": 0.85}),
    ),
    "fine": ((1.0, {"whole": 0.15, "brain": 0.85}),),
}
"""Plans by name: for each stage its share of all epochs, and the weights of the views. A coarse step costs a quarter
of a fine one, and teaches as much."""


class CoarseToFine:
    """Set the view of every batch before it is drawn; a handler of the trainer.

    The draw depends on (seed, iteration) alone. Batches must be drawn in the trainer's process (``num_workers`` 0).

    Args:
        transform: gets ``canvas`` and ``voxel``; see ``random_image.RandHeadImaged``.
        seed: of the draw.
        plan: a key of :data:`PLANS`.
    """

    def __init__(self, transform: Any, seed: int = 0, plan: str = "coarse to fine") -> None:
        self.transform, self.seed, self.stages = transform, seed, PLANS[plan]

    def attach(self, engine: Engine) -> None:
        """Subscribe to the moment before a batch is drawn."""
        engine.add_event_handler(Events.GET_BATCH_STARTED, self)

    def __call__(self, engine: Engine) -> None:
        """Choose the view of the batch that comes next."""
        done = (engine.state.epoch - 1) / engine.state.max_epochs
        ends = np.cumsum([share for share, _ in self.stages])
        stage = min(int(np.searchsorted(ends, done + 1e-9, side="right")), len(ends) - 1)
        weights = self.stages[stage][1]
        rng = np.random.default_rng([self.seed, engine.state.iteration])
        view = VIEWS[rng.choice(list(weights), p=list(weights.values()))]
        self.transform.canvas, self.transform.voxel = view.canvas, view.voxel
