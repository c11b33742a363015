"""The map in named bands of probability, for viewers and DICOM, which cannot show probabilities."""

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
"""Name of each band -> the probability at which it begins. The bands are numbered 1, 2, ... in this order; 0 is the
background. ``channel_def`` of ``configs/metadata.json`` has the same names, because hosts read them there."""

BACKGROUND = "background"


def channel_def() -> dict[str, str]:
    """Return number -> name of all bands, the background first, as in ``configs/metadata.json``."""
    return {str(number): name for number, name in enumerate([BACKGROUND, *BANDS])}


def to_bands(probability: Tensor, threshold: float = 0.0) -> Tensor:
    """Divide a map into bands.

    Args:
        probability: any shape, 0 to 1.
        threshold: lower probabilities become background.

    Returns:
        The same shape, uint8: 0, or the number of a row of :data:`BANDS`. An edge belongs to the upper band.
    """
    plain = torch.as_tensor(probability)
    edges = torch.tensor(list(BANDS.values()), dtype=plain.dtype, device=plain.device)
    number = torch.bucketize(plain.contiguous(), edges, right=True)
    return torch.where(plain < threshold, 0, number).to(torch.uint8)


class Bandsd(MapTransform):
    """Replace a map by its bands; the probabilities stay under another key.

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
            probability = d[self.probability_key] = d[key]
            if isinstance(probability, MetaTensor):
                d[key] = MetaTensor(to_bands(probability.as_tensor(), self.threshold)).copy_meta_from(probability)
            else:
                d[key] = to_bands(probability, self.threshold)
        return d
