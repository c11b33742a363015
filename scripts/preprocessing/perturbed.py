"""The preprocessing with errors on purpose: a midline that is off, and a skull strip with an uneven outline.

The loss of accuracy for errors of a given size shows how accurate the preprocessing has to be.
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

from ..io.affine import voxel_size
from ..midline import AlignMidlined
from ..midline.find_plane import find_plane
from ..midline.plane import MidsagittalPlane
from ..skull_strip import DEFAULT, SkullStripd
from . import preprocessing as unperturbed
from .bias_field import DEFAULT as UNCORRECTED

OUTLINE_SMOOTHNESS_MM = 6.0
"""Smoothness of the uneven outline: standard deviation of the kernel that smooths white noise, mm."""

HEAD, PLANE = "head", "plane_off"


def preprocessing(
    spacing: Sequence[float] = (0.5, 0.5, 1.0),
    skull_strip: str = DEFAULT,
    size: Sequence[int] | None = None,
    midline_mm: float = 0.0,
    midline_yaw: float = 0.0,
    outline_sd_mm: float = 0.0,
    bias_field: str = UNCORRECTED,
) -> Compose:
    """Build the chain of :func:`scripts.preprocessing.preprocessing` with both kinds of errors in it.

    Args:
        spacing: see there.
        skull_strip: see there.
        size: see there.
        midline_mm: shift of the plane to the patient's right, mm.
        midline_yaw: turn of the plane about the superior axis through the brain's middle, degrees.
        outline_sd_mm: standard deviation of the error of the brain's outline, mm.
        bias_field: see there.
    """
    steps = list(unperturbed("image", spacing, skull_strip, size, given_plane=PLANE, bias_field=bias_field).transforms)
    strip, align = (
        next(i for i, step in enumerate(steps) if isinstance(step, wanted)) for wanted in (SkullStripd, AlignMidlined)
    )
    # The last step first, so that the other index stays valid.
    steps.insert(align, PerturbMidlined("image", midline_mm, midline_yaw))
    steps.insert(strip + 1, PerturbOutlined("image", outline_sd_mm))
    steps.insert(strip, CopyItemsd("image", names=HEAD))
    return Compose(steps)


class PerturbOutlined(MapTransform):
    """Move the outline of a brain in and out at random, smoothly, by a different distance everywhere.

    The seed is the name of the case, so that a case always gets the same outline.

    Args:
        keys: of a stripped brain (1, X, Y, Z); the whole head is at the key ``head``.
        outline_sd_mm: standard deviation of the distance, mm.
    """

    def __init__(self, keys: KeysCollection, outline_sd_mm: float) -> None:
        super().__init__(keys)
        self.outline_sd_mm = outline_sd_mm

    def __call__(self, data: Mapping[Hashable, Any]) -> dict[Hashable, Any]:
        """Perturb every key."""
        from scipy.ndimage import gaussian_filter

        d = dict(data)
        seed = hashlib.sha256(str(d.get("case", "")).encode()).digest()[:8]
        for key in self.key_iterator(d):
            brain = d[key]
            spacing = voxel_size(brain.affine)
            noise = np.random.default_rng(int.from_bytes(seed, "big")).standard_normal(brain.shape[1:])
            error = gaussian_filter(noise, OUTLINE_SMOOTHNESS_MM / spacing)
            kept = torch.from_numpy(depth(brain[0].numpy() != 0, spacing) > self.outline_sd_mm * error / error.std())
            d[key] = MetaTensor(torch.where(kept[None], d[HEAD].as_tensor(), 0.0)).copy_meta_from(brain)
        return d


def depth(mask: np.ndarray, spacing: np.ndarray) -> np.ndarray:
    """Return the signed distance of every voxel to the outline of a mask, mm, positive inside.

    Args:
        mask: (X, Y, Z) boolean.
        spacing: voxel size, mm.
    """
    from scipy.ndimage import distance_transform_edt

    half_voxel = spacing.min() / 2  # the outline lies between two voxels
    inside, outside = (distance_transform_edt(part, spacing) for part in (mask, ~mask))
    return np.where(mask, inside - half_voxel, half_voxel - outside)


class PerturbMidlined(MapTransform):
    """Detect the mid-sagittal plane, and put a wrong one at the key ``plane_off``.

    Args:
        keys: of a stripped brain (1, X, Y, Z).
        midline_mm: shift of the plane to the patient's right, mm.
        midline_yaw: turn of the plane about the superior axis through the brain's middle, degrees.
    """

    def __init__(self, keys: KeysCollection, midline_mm: float, midline_yaw: float) -> None:
        super().__init__(keys)
        self.midline_mm, self.midline_yaw = midline_mm, midline_yaw

    def __call__(self, data: Mapping[Hashable, Any]) -> dict[Hashable, Any]:
        """Perturb the plane of every key."""
        d = dict(data)
        for key in self.key_iterator(d):
            brain = d[key]
            affine = to_affine_nd(3, brain.affine.double().numpy())
            right, front, _, point = find_plane(brain, affine).plane.frame()[:3].T
            middle = affine[:3, :3] @ np.argwhere(brain[0].numpy() != 0).mean(0) + affine[:3, 3]
            # The plane turns about a point near the brain's middle, so that it does not move there.
            centre = middle - ((middle - point) @ right) * right + self.midline_mm * right
            normal = right + math.tan(math.radians(self.midline_yaw)) * front
            d[PLANE] = MidsagittalPlane(point=tuple(centre), normal=tuple(normal))
        return d
