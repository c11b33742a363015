"""The map in named bands of probability, for viewers and DICOM, which cannot show probabilities."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from math import ceil, prod
from typing import Any

import torch
from monai.config import KeysCollection
from monai.data import MetaTensor
from monai.transforms import MapTransform
from monai.transforms.utils import remove_small_objects
from torch import Tensor

from ..io.affine import voxel_size

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


def without_specks(bands: Tensor, voxel: Sequence[float], smallest_mm3: float) -> Tensor:
    """Turn connected pieces, of whatever bands, into background if they are small.

    Args:
        bands: (1, X, Y[, Z]).
        voxel: size along each axis, mm.
        smallest_mm3: volume of the smallest piece that stays; area, mm², of a 2-D map.
    """
    inside = bands.nonzero()
    if not len(inside):
        return bands
    box = tuple(slice(int(a), int(b) + 1) for a, b in zip(inside.amin(0), inside.amax(0), strict=True))
    size = ceil(smallest_mm3 / prod(voxel))
    kept = bands.clone()
    # A margin of background, so that there is some even if the box holds a single piece.
    piece = torch.nn.functional.pad(bands[box], (1, 1))
    kept[box] = remove_small_objects(piece, size, bands.ndim - 1, independent_channels=False)[..., 1:-1]
    return kept


class Bandsd(MapTransform):
    """Replace a map by its bands; the probabilities stay under another key.

    Args:
        keys: of the map (1, X, Y[, Z]), probabilities.
        threshold: see :func:`to_bands`.
        probability_key: where the probabilities go.
        smallest_mm3: see :func:`without_specks`.
    """

    def __init__(
        self,
        keys: KeysCollection,
        threshold: float = 0.0,
        probability_key: str = "probability",
        smallest_mm3: float = 0.0,
    ) -> None:
        super().__init__(keys)
        self.threshold, self.probability_key = float(threshold), probability_key
        self.smallest_mm3 = float(smallest_mm3)

    def __call__(self, data: Mapping[Hashable, Any]) -> dict[Hashable, Any]:
        d = dict(data)
        for key in self.key_iterator(d):
            probability = d[self.probability_key] = d[key]
            bands = to_bands(torch.as_tensor(probability), self.threshold)
            affine = probability.affine if isinstance(probability, MetaTensor) else torch.eye(4)
            bands = without_specks(bands, voxel_size(affine)[: bands.ndim - 1].tolist(), self.smallest_mm3)
            if isinstance(probability, MetaTensor):
                bands = MetaTensor(bands).copy_meta_from(probability)
            d[key] = bands
        return d
