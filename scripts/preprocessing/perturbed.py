"""The preprocessing gone wrong on purpose: a midline that is off, a skull strip with an uneven rim.

What it costs to be off by so much says how good the preprocessing has to be.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Hashable, Mapping, Sequence
from typing import Any

import numpy as np
import torch
from monai.config import KeysCollection
from monai.data import MetaTensor
from monai.data.utils import to_affine_nd
from monai.transforms import Compose, CopyItemsd, MapTransform

from ..midline import AlignMidlined
from ..midline.find_plane import find_plane
from ..midline.plane import MidsagittalPlane
from ..skull_strip import DEFAULT, SkullStripd
from . import preprocessing as unperturbed

OUTLINE_SMOOTHNESS_MM = 6.0
"""Smoothness of an uneven rim, in mm: standard deviation of the kernel that makes it of white noise."""

HEAD, PLANE = "head", "plane_off"


def preprocessing(
    spacing: Sequence[float] = (0.5, 0.5, 1.0),
    skull_strip: str = DEFAULT,
    size: Sequence[int] | None = None,
    midline_mm: float = 0.0,
    midline_yaw: float = 0.0,
    outline_sd_mm: float = 0.0,
) -> Compose:
    """Build the chain of :func:`scripts.preprocessing.preprocessing` with both disturbances in it.

    Args:
        spacing: see there.
        skull_strip: see there.
        size: see there.
        midline_mm: how far the plane is moved to the patient's right.
        midline_yaw: how far the plane is turned about the brain's middle, in degrees.
        outline_sd_mm: standard deviation of the error of the brain's outline.
    """
    steps = list(unperturbed("image", spacing, skull_strip, size, given_plane=PLANE).transforms)
    strip, align = (
        next(i for i, step in enumerate(steps) if isinstance(step, wanted)) for wanted in (SkullStripd, AlignMidlined)
    )
    # From the back, so that the first index still holds.
    steps.insert(align, PerturbMidlined("image", midline_mm, midline_yaw))
    steps.insert(strip + 1, PerturbOutlined("image", outline_sd_mm))
    steps.insert(strip, CopyItemsd("image", names=HEAD))
    return Compose(steps)


class PerturbOutlined(MapTransform):
    """Strip again with the outline moved in and out at random, smoothly, by another amount everywhere.

    Args:
        keys: a stripped brain (1, X, Y, Z); the whole head lies at ``head``.
        outline_sd_mm: standard deviation of the move; drawn from the name of the case, so that it is always the same.
    """

    def __init__(self, keys: KeysCollection, outline_sd_mm: float) -> None:
        super().__init__(keys)
        self.outline_sd_mm = outline_sd_mm

    def __call__(self, data: Mapping[Hashable, Any]) -> dict[Hashable, Any]:
        """Strip every key."""
        from scipy.ndimage import gaussian_filter

        d = dict(data)
        seed = hashlib.sha256(str(d.get("case", "")).encode()).digest()[:8]
        for key in self.key_iterator(d):
            brain = d[key]
            spacing = brain.affine.double().norm(dim=0)[:3].numpy()
            noise = np.random.default_rng(int.from_bytes(seed, "big")).standard_normal(brain.shape[1:])
            rim = gaussian_filter(noise, OUTLINE_SMOOTHNESS_MM / spacing)
            kept = torch.from_numpy(depth(brain[0].numpy() != 0, spacing) > self.outline_sd_mm * rim / rim.std())
            d[key] = MetaTensor(torch.where(kept[None], d[HEAD].as_tensor(), 0.0)).copy_meta_from(brain)
        return d


def depth(mask: np.ndarray, spacing: np.ndarray) -> np.ndarray:
    """Return the signed distance of every voxel (X, Y, Z) to the outline of a mask in mm, positive within."""
    from scipy.ndimage import distance_transform_edt

    half = spacing.min() / 2  # the outline lies between two voxels
    inside, outside = (distance_transform_edt(part, spacing) for part in (mask, ~mask))
    return np.where(mask, inside - half, half - outside)


class PerturbMidlined(MapTransform):
    """Find the mid-sagittal plane, and say that it lies elsewhere, at the key ``plane_off``.

    Args:
        keys: a stripped brain (1, X, Y, Z).
        midline_mm: how far the plane is moved to the patient's right.
        midline_yaw: how far it is turned about the brain's middle, in degrees.
    """

    def __init__(self, keys: KeysCollection, midline_mm: float, midline_yaw: float) -> None:
        super().__init__(keys)
        self.midline_mm, self.midline_yaw = midline_mm, midline_yaw

    def __call__(self, data: Mapping[Hashable, Any]) -> dict[Hashable, Any]:
        """Find the plane of every key."""
        d = dict(data)
        for key in self.key_iterator(d):
            brain = d[key]
            affine = to_affine_nd(3, brain.affine.double().numpy())
            right, front, _, point = find_plane(brain, affine).plane.frame()[:3].T
            middle = affine[:3, :3] @ np.argwhere(brain[0].numpy() != 0).mean(0) + affine[:3, 3]
            # Through the brain's middle, so that a turn moves it there by nothing.
            centre = middle - ((middle - point) @ right) * right + self.midline_mm * right
            normal = right + math.tan(math.radians(self.midline_yaw)) * front
            d[PLANE] = MidsagittalPlane(point=tuple(centre), normal=tuple(normal))
        return d
