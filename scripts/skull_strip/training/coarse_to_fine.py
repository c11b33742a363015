"""Training from coarse to fine: the canvas and the voxel size of every batch, stage by stage."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from ignite.engine import Engine, Events


class View(NamedTuple):
    """What the images of a batch show.

    Attributes:
        canvas: number of voxels along right, anterior and superior.
        voxel: least and largest voxel size, in mm of an adult-sized head.
    """

    canvas: tuple[int, int, int]
    voxel: tuple[float, float]


VIEWS = {
    # As in the first pass of inference: the whole field of view, however little of it is brain.
    "field of view": View((64, 64, 64), (2.6, 6.5)),
    "head": View((64, 80, 80), (2.5, 3.2)),
    # As in the second pass: every brain in the canonical size, within the error of the first pass.
    "brain": View((80, 96, 96), (1.95, 2.6)),
}

PLANS: dict[str, tuple[tuple[float, dict[str, float]], ...]] = {
    "coarse to fine": (
        (0.40, {"field of view": 1.0}),
        (0.20, {"field of view": 0.2, "head": 0.8}),
        (0.40, {"field of view": 0.15, "brain": 0.85}),
    ),
    "fine": ((1.0, {"field of view": 0.15, "brain": 0.85}),),
}
"""Name of a plan -> for each stage its share of all epochs, and the weights of the views. A coarse step costs a quarter
of a fine step, and improves the network as much."""


class CoarseToFine:
    """Choose the view of every batch before it is made; a handler of the trainer.

    The choice depends on (seed, iteration) alone. Batches must be made in the trainer's process (``num_workers`` 0).

    Args:
        transform: whose ``canvas`` and ``voxel`` are set; see ``random_image.RandHeadImaged``.
        seed: of the random choice.
        plan: a key of :data:`PLANS`.
    """

    def __init__(self, transform: Any, seed: int = 0, plan: str = "coarse to fine") -> None:
        self.transform, self.seed, self.stages = transform, seed, PLANS[plan]

    def attach(self, engine: Engine) -> None:
        """Run before every batch is made."""
        engine.add_event_handler(Events.GET_BATCH_STARTED, self)

    def __call__(self, engine: Engine) -> None:
        """Choose the view of the batch that comes next."""
        done = (engine.state.epoch - 1) / (engine.state.max_epochs or 1)
        ends = np.cumsum([share for share, _ in self.stages])
        stage = min(int(np.searchsorted(ends, done + 1e-9, side="right")), len(ends) - 1)
        weights = self.stages[stage][1]
        rng = np.random.default_rng([self.seed, engine.state.iteration])
        view = VIEWS[rng.choice(list(weights), p=list(weights.values()))]
        self.transform.canvas, self.transform.voxel = view.canvas, view.voxel
