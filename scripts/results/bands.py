"""The map as bands: whole numbers with names, which viewers and DICOM can show where they can't show probabilities."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

import torch
from monai.config import KeysCollection
from monai.data import MetaTensor
from monai.transforms import MapTransform
from torch import Tensor

BANDS: dict[str, float] = {
    "faint asymmetry": 0.35,
    "mild asymmetry": 0.5,
    "marked asymmetry": 0.75,
    "strong asymmetry": 0.9,
}
"""Name of a band -> the probability that it begins at. Their numbers are 1, 2, ..., 0 is the background; viewers list
them in this order. ``channel_def`` of ``configs/metadata.json`` holds the same names, as hosts look for them there."""

BACKGROUND = "background"


def channel_def() -> dict[str, str]:
    """Return number -> name of all bands, the background first, as ``configs/metadata.json`` has it."""
    return {str(number): name for number, name in enumerate([BACKGROUND, *BANDS])}


def to_bands(probability: Tensor, threshold: float = 0.0) -> Tensor:
    """Sort a map into bands.

    Args:
        probability: any shape, 0 to 1.
        threshold: what lies below is background, whatever its band.

    Returns:
        The same shape, uint8: 0, or the number of a row of :data:`BANDS`; the edges belong to the upper band.
    """
    plain = torch.as_tensor(probability)
    edges = torch.tensor(list(BANDS.values()), dtype=plain.dtype, device=plain.device)
    found = torch.bucketize(plain.contiguous(), edges, right=True)
    return torch.where(plain < threshold, 0, found).to(torch.uint8)


class Bandsd(MapTransform):
    """Sort a map into bands and keep the probabilities beside it.

    Args:
        keys: of the map (1, X, Y[, Z]), probabilities.
        threshold: see :func:`to_bands`.
        probability_key: where the probabilities go.
    """

    def __init__(self, keys: KeysCollection, threshold: float = 0.0, probability_key: str = "probability") -> None:
        super().__init__(keys)
        self.threshold, self.probability_key = float(threshold), probability_key

    def __call__(self, data: Mapping[Hashable, Any]) -> dict[Hashable, Any]:
        d = dict(data)
        for key in self.key_iterator(d):
            d[self.probability_key] = d[key]
            found = to_bands(d[key].as_tensor() if isinstance(d[key], MetaTensor) else d[key], self.threshold)
            d[key] = MetaTensor(found).copy_meta_from(d[key]) if isinstance(d[key], MetaTensor) else found
        return d
