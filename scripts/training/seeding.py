"""Random numbers that depend on the epoch alone, so that a resumed training is the same as one that never stopped."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from ignite.engine import Engine, Events
from monai.utils import set_determinism


class SeedEveryEpoch:
    """Seed all random numbers at the start of every epoch from (seed, epoch, rank); a handler of the trainer.

    Data loader workers draw their seeds from torch's, and so follow; the transforms of the main process
    (``num_workers`` 0) are seeded here.

    Args:
        seed: of the run.
        dataset: whose random transforms are seeded.
        rank: of this process, so that processes draw different lesions.
    """

    def __init__(self, seed: int, dataset: Any = None, rank: int = 0) -> None:
        self.seed, self.dataset, self.rank = seed, dataset, rank

    def attach(self, engine: Engine) -> None:
        """Subscribe to the start of every epoch, which comes before the first batch of it is drawn."""
        engine.add_event_handler(Events.EPOCH_STARTED, self)

    def __call__(self, engine: Engine) -> None:
        sequence = np.random.SeedSequence([self.seed, engine.state.epoch, self.rank])
        seed = int(sequence.generate_state(1)[0])
        deterministic = torch.are_deterministic_algorithms_enabled()
        set_determinism(seed, use_deterministic_algorithms=deterministic or None)
        transform = getattr(self.dataset, "transform", None)
        if hasattr(transform, "set_random_state"):
            transform.set_random_state(seed=seed)
