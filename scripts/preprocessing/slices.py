"""Axial slices of a pair of hemispheres, and the choice of as many per scan as fit into a batch."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

import torch
from monai.config import KeysCollection
from monai.transforms import MapTransform, Randomizable
from torch import Tensor

FULL_ENOUGH = 0.4
"""A slice is usable if its brain has at least this share of the fullest slice's area: others show little to compare."""


def usable_slices(pair: Tensor, full_enough: float = FULL_ENOUGH) -> Tensor:
    """Return the indices of the slices with enough brain.

    Args:
        pair: (2, H, W, Z), exactly 0 outside the brain.
        full_enough: see :data:`FULL_ENOUGH`.

    Returns:
        (S,) indices along Z.
    """
    area = (pair != 0).sum((0, 1, 2))
    return torch.nonzero(area >= full_enough * area.max()).flatten()


class Slicesd(MapTransform):
    """Cut a pair (2, H, W, Z) into its usable slices (S, 2, H, W), a plain tensor.

    The result has only what the network and the simulation need: the slices, their indices ``slice`` (S,), ``case``,
    ``subject``, and drawn pathologies, if there are any.

    Args:
        keys: of the pairs.
    """

    def __call__(self, data: Mapping[Hashable, Any]) -> dict[Hashable, Any]:
        """Cut every key."""
        d: dict[Hashable, Any] = {key: data[key] for key in ("case", "subject", "pathology") if key in data}
        for key in self.key_iterator(dict(data)):
            pair = data[key].as_tensor() if hasattr(data[key], "as_tensor") else data[key]
            d["slice"] = usable_slices(pair)
            d[key] = pair[..., d["slice"]].movedim(-1, 0).contiguous()  # (S, 2, H, W)
        return d


class ChooseSlicesd(Randomizable, MapTransform):
    """Choose ``count`` of the slices (S, 2, H, W) of a scan, so that scans fit into a batch.

    Args:
        keys: of the slices; the same are chosen of ``slice`` (S,).
        count: number of slices.
        random: draw them at random (training); else take evenly spread ones, or all if there are fewer (evaluation).
    """

    def __init__(self, keys: KeysCollection, count: int, random: bool = False) -> None:
        super().__init__(keys)
        self.count, self.random, self.chosen = count, random, torch.empty(0, dtype=torch.long)

    def randomize(self, data: int) -> None:
        """Draw the indices of the slices.

        Args:
            data: number of slices to draw from.
        """
        self.chosen = torch.as_tensor(self.R.randint(data, size=self.count))

    def __call__(self, data: Mapping[Hashable, Any]) -> dict[Hashable, Any]:
        """Choose the slices of every key."""
        d = dict(data)
        if self.random:
            self.randomize(len(d["slice"]))
        else:
            count = min(self.count, len(d["slice"]))
            self.chosen = torch.linspace(0, len(d["slice"]) - 1, count).round().long()
        for key in ("slice", *self.keys):
            d[key] = d[key][self.chosen]
        return d
