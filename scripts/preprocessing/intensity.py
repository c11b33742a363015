"""Normalise the intensities of a brain by its inner part, so that they don't depend on the skull strip."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import Any

import torch
from monai.data import MetaTensor
from monai.transforms import MapTransform
from torch import Tensor

from ..io.affine import voxel_size

INNER_MM = 5.0
"""Distance of the inner brain from the outline along every axis. Skull strips differ by a millimetre or two of fluid,
which is the darkest or the brightest part of a head. That changes the standard deviation of the whole brain by a sixth
(``docs/intensities.json``), and with it every contrast that the network gets."""

INNER_SHARE = 0.75
"""Typical standard deviation of the inner brain as a share of that of the whole brain, which depends on the skull
strip. The unit is the inner standard deviation divided by this share, so that contrasts are in standard deviations of
the whole brain, as is usual."""


def normalize_brain(brain: Tensor, spacing: Sequence[float]) -> Tensor:
    """Shift and scale a brain by the mean and the standard deviation of its inner part.

    Args:
        brain: stripped (1, X, Y, Z) or (1, X, Y), background exactly 0.
        spacing: voxel size along each axis, mm.

    Returns:
        The same shape; the background stays 0. If no voxel is ``INNER_MM`` deep, the whole brain counts.
    """
    values = brain[0][inner_brain(brain[0] != 0, spacing)].double()
    unit = float(values.std(correction=0)) / INNER_SHARE if len(values) > 0 else 0.0
    return torch.where(brain != 0, (brain - float(values.mean())) / unit, 0.0) if unit > 0 else brain


def inner_brain(mask: Tensor, spacing: Sequence[float], depth_mm: float = INNER_MM) -> Tensor:
    """Return the inner part of a mask.

    Args:
        mask: (X, Y[, Z]) boolean.
        spacing: voxel size along each axis, mm.
        depth_mm: least distance from the outline. An end of the field of view is no outline: the brain goes on there.

    Returns:
        (X, Y[, Z]) boolean; the mask itself if no voxel is as deep.
    """
    from scipy.ndimage import minimum_filter1d

    inner = mask.numpy().view("uint8")
    for axis, size in enumerate(spacing):
        inner = minimum_filter1d(inner, 2 * round(depth_mm / size) + 1, axis=axis, mode="nearest")
    return torch.from_numpy(inner).bool() if inner.any() else mask


class NormalizeBraind(MapTransform):
    """Normalise stripped brains by their inner part, see :func:`normalize_brain`.

    Args:
        keys: of MetaTensors (1, X, Y, Z) or (1, X, Y), exactly 0 outside the brain.
    """

    def __call__(self, data: Mapping[Hashable, Any]) -> dict[Hashable, Any]:
        """Normalise every key; its metadata stay."""
        d = dict(data)
        for key in self.key_iterator(d):
            spacing = voxel_size(d[key].affine)[: d[key].ndim - 1].tolist()
            d[key] = MetaTensor(normalize_brain(d[key].as_tensor().float(), spacing)).copy_meta_from(d[key])
        return d
