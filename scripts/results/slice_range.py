"""Restrict a result to a range of slices: slices outside the range count for neither the score nor the map."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

import torch
from monai.config import KeysCollection
from monai.transforms import MapTransform

from ..network.score import OUTSIDE
from ..preprocessing.slices import usable_slices


class KeepSlicesd(MapTransform):
    """Restrict evidence map and pair to a range of slices of the aligned head; a single picture is left as it is.

    The numbers are those of ``slices[].index`` in the result.

    Args:
        keys: of the evidence map (2, H, W, Z), logits.
        pair_key: of the pair (2, H, W, Z).
        first: lowest slice of the range.
        last: highest slice of the range; a negative number counts from the top, -1 is the highest slice.
    """

    def __init__(self, keys: KeysCollection, pair_key: str = "image", first: int = 0, last: int = -1) -> None:
        super().__init__(keys)
        self.pair_key, self.first, self.last = pair_key, int(first), int(last)

    def __call__(self, data: Mapping[Hashable, Any]) -> dict[Hashable, Any]:
        """Restrict to the range.

        Raises:
            ValueError: if no slice of the range has enough brain.
        """
        d = dict(data)
        pair = d[self.pair_key]
        if pair.ndim < 4:
            return d
        count = pair.shape[-1]
        last = self.last if self.last >= 0 else count + self.last
        if self.first <= 0 and last >= count - 1:
            return d
        usable = usable_slices(torch.as_tensor(pair))
        kept = usable[(usable >= self.first) & (usable <= last)]
        if len(kept) == 0:
            raise ValueError(
                f"slices {self.first} to {last} hold no brain to score, expected some of {int(usable[0])} to "
                f"{int(usable[-1])}. Choose first_slice and last_slice among these."
            )
        inside = torch.zeros(count, dtype=torch.bool, device=pair.device)
        inside[kept] = True
        d[self.pair_key] = pair * inside
        for key in self.key_iterator(d):
            d[key] = torch.where(inside.to(d[key].device), d[key], torch.full_like(d[key], OUTSIDE))
        return d
