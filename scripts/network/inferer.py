"""Run the network on many slices without holding all their feature maps in memory."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from monai.inferers import SimpleInferer, SliceInferer


class MixedInferer(SimpleInferer):
    """MONAI's ``SimpleInferer``, optionally in bfloat16, on any device.

    MONAI's trainer offers mixed precision only on a GPU. A CPU that supports bfloat16 trains faster with it, too.

    Args:
        bfloat16: use it. Otherwise nothing is changed, and the trainer's own ``amp`` still applies.
    """

    def __init__(self, bfloat16: bool = False) -> None:
        super().__init__()
        self.bfloat16 = bfloat16

    def __call__(self, inputs: torch.Tensor, network: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """Return the network's output for ``inputs``, in single precision."""
        if not self.bfloat16:
            return super().__call__(inputs, network, *args, **kwargs)
        with torch.autocast(inputs.device.type, torch.bfloat16):
            return super().__call__(inputs, network, *args, **kwargs).float()


class BatchInferer(SimpleInferer):
    """MONAI's ``SimpleInferer`` in small batches: an evaluation repeats every slice for every condition.

    Args:
        batch_size: slices in one batch.
    """

    def __init__(self, batch_size: int = 32) -> None:
        super().__init__()
        self.batch_size = batch_size

    def __call__(
        self, inputs: torch.Tensor, network: Callable[..., torch.Tensor], *args: Any, **kwargs: Any
    ) -> torch.Tensor:
        """Return the network's output for ``inputs`` (N, 2, H, W)."""
        return torch.cat([network(part, *args, **kwargs) for part in inputs.split(self.batch_size)])


class SlicesInferer(SliceInferer):
    """MONAI's ``SliceInferer``, which also takes a single slice (N, 2, H, W) instead of a volume (N, 2, H, W, Z).

    Some hosts pass further arguments, such as the brain mask. The network does not get them.
    """

    def __call__(self, inputs: torch.Tensor, network: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """Return the network's output for ``inputs``, slice by slice."""
        return network(inputs) if inputs.ndim == 4 else super().__call__(inputs, network)
