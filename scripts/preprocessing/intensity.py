"""Intensities in units of the brain, whatever a skull strip leaves round it."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import Any

import torch
from monai.data import MetaTensor
from monai.transforms import MapTransform
from torch import Tensor

INNER_MM = 5.0
"""How far the inner brain is from the outline along every axis. Skull strips differ by a millimetre or two of fluid,
which is the darkest or the brightest of a head: that changes the standard deviation of the whole by a sixth
(``docs/intensities.json``), and with it every contrast that the network sees."""

INNER_SHARE = 0.75
"""About the standard deviation of the inner brain in that of the whole, which depends on the skull strip. The unit is
the inner one's divided by it, so that a contrast is stated in deviations of the whole brain, as is usual."""


def normalize_brain(brain: Tensor, spacing: Sequence[float]) -> Tensor:
    """Shift and scale a brain by the mean and the standard deviation of its inner part.

    Args:
        brain: stripped (1, X, Y, Z) or (1, X, Y), background exactly 0.
        spacing: of its voxels in mm.

    Returns:
        The same shape; the background stays 0. Where nothing is ``INNER_MM`` deep the whole brain counts.
    """
    values = brain[0][inner_brain(brain[0] != 0, spacing)].double()
    unit = float(values.std(correction=0)) / INNER_SHARE if len(values) > 0 else 0.0
    return torch.where(brain != 0, (brain - float(values.mean())) / unit, 0.0) if unit > 0 else brain


def inner_brain(mask: Tensor, spacing: Sequence[float], depth_mm: float = INNER_MM) -> Tensor:
    """Return the part of a mask (X, Y[, Z]) that is so deep within, or all of it where none is.

    Where the field of view ends, the brain does not.
    """
    from scipy.ndimage import minimum_filter1d

    inner = mask.numpy().view("uint8")
    for axis, size in enumerate(spacing):
        inner = minimum_filter1d(inner, 2 * round(depth_mm / size) + 1, axis=axis, mode="nearest")
    return torch.from_numpy(inner).bool() if inner.any() else mask


class NormalizeBraind(MapTransform):
    """Normalise stripped brains by their inner part, see :func:`normalize_brain`.

    Args:
        keys: MetaTensors (1, X, Y, Z) or (1, X, Y), background 0.
    """

    def __call__(self, data: Mapping[Hashable, Any]) -> dict[Hashable, Any]:
        """Normalise every key; what its meta says stays."""
        d = dict(data)
        for key in self.key_iterator(d):
            spacing = d[key].affine.double().norm(dim=0)[: d[key].ndim - 1].tolist()
            d[key] = MetaTensor(normalize_brain(d[key].as_tensor().float(), spacing)).copy_meta_from(d[key])
        return d
