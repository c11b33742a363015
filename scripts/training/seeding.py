"""Random numbers that depend on the epoch alone, so that a resumed training gives the same network."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from ignite.engine import Engine, Events
from monai.utils import set_determinism


class SeedEveryEpoch:
    """Seed all random numbers at the start of every epoch from (seed, epoch, rank); a handler of the trainer.

    Workers of the data loader take their seeds from torch's random numbers, and so follow. The transforms of the main
    process (``num_workers`` 0) are seeded here.

    Args:
        seed: of the run.
        dataset: its random transforms are seeded.
        rank: of this process, so that every process draws its own lesions.
    """

    def __init__(self, seed: int, dataset: Any = None, rank: int = 0) -> None:
        self.seed, self.dataset, self.rank = seed, dataset, rank

    def attach(self, engine: Engine) -> None:
        """Subscribe to the start of every epoch, before its first batch is drawn."""
        engine.add_event_handler(Events.EPOCH_STARTED, self)

    def __call__(self, engine: Engine) -> None:
        sequence = np.random.SeedSequence([self.seed, engine.state.epoch, self.rank])
        seed = int(sequence.generate_state(1)[0])
        deterministic = torch.are_deterministic_algorithms_enabled()
        set_determinism(seed, use_deterministic_algorithms=deterministic or None)
        transform: Any = getattr(self.dataset, "transform", None)
        if hasattr(transform, "set_random_state"):
            transform.set_random_state(seed=seed)
