"""The choice of slices for training, some of them with a pathology, if pathologies were drawn."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import Any

import torch
from monai.config import KeysCollection
from torch import Tensor

from ..preprocessing.slices import ChooseSlicesd
from ..simulation.curriculum import SizeRange, draw_sizes
from ..simulation.simulate import PATHOLOGY

NEAREST = 4
"""One of so many of the pathologies is near a size: else the few nearest would be seen again and again."""


class ChooseWithPathologiesd(ChooseSlicesd):
    """Choose ``count`` slices of a scan at random, and a slice with a pathology for some of them.

    Without drawn pathologies it does no more than :class:`ChooseSlicesd`. With them, the item gets
    ``pathology`` (S, 2, H, W), the same slices with a pathology, its ``truth`` (S, 2, H, W), and ``pathology_size``
    (S,), in mm. All are 0 for the slices that are to get another lesion.

    Args:
        keys: of the slices (S, 2, H, W).
        count: number of slices.
        lesion_type: of the training; the share of ``pathology`` among them is that of the slices.

    Attributes:
        sizes: weighted ranges of sizes, which the curriculum sets; of the pathologies, those nearest to a size that is
            drawn from them are taken.
    """

    def __init__(self, keys: KeysCollection, count: int, lesion_type: str | Sequence[str]) -> None:
        super().__init__(keys, count, random=True)
        names = [lesion_type] if isinstance(lesion_type, str) else list(lesion_type)
        self.share = names.count(PATHOLOGY) / len(names)
        self.sizes: Sequence[SizeRange] = ((1.0, 1.0, 20.0),)

    def __call__(self, data: Mapping[Hashable, Any]) -> dict[Hashable, Any]:
        """Choose the slices."""
        if PATHOLOGY not in data:
            return super().__call__(data)
        d = dict(data)
        drawn, every = d.pop(PATHOLOGY), d["slice"]
        self.randomize(len(every))
        ill = torch.as_tensor(self.R.random(self.count) < self.share) & (len(drawn["slice"]) > 0)
        picks = self._near(drawn["size"], int(ill.sum()))
        self.chosen[ill] = torch.searchsorted(every, drawn["slice"][picks])
        for key in ("slice", *self.keys):
            d[key] = d[key][self.chosen]
        for key, values in ((PATHOLOGY, drawn["pairs"]), ("truth", drawn["truth"]), ("pathology_size", drawn["size"])):
            d[key] = torch.zeros(self.count, *values.shape[1:])
            d[key][ill] = values[picks].float()
        return d

    def _near(self, sizes: Tensor, count: int) -> Tensor:
        """Draw ``count`` of the pathologies, as often as the curriculum draws lesions of their sizes."""
        wanted = draw_sizes(self.sizes, torch.as_tensor(self.R.random((count, 2)), dtype=torch.float32))
        wanted = wanted.clamp(*sizes.aminmax()) if len(sizes) else wanted
        distance = (sizes.log() - wanted[:, None].log()).abs()  # (count, V)
        nearest = distance.argsort(dim=1)[:, : max(1, len(sizes) // NEAREST)]
        column = torch.as_tensor(self.R.random(count)) * nearest.shape[1]
        return nearest.gather(1, column.long()[:, None]).flatten()
