"""Resampling a head, once, so that its mid-sagittal plane is the middle of the grid.

All coordinates are RAS+ mm unless said otherwise.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import Any

import numpy as np
import torch
from monai.config import KeysCollection
from monai.data import MetaTensor
from monai.data.utils import to_affine_nd
from monai.transforms import InvertibleTransform, MapTransform, SpatialResample
from monai.utils import convert_to_tensor

from .find_plane import find_plane, plane_similarity
from .known_plane import known_plane
from .plane import MidsagittalPlane

MASK_SHARE = 0.5
"""A resampled voxel is brain where at least this share of it comes from brain."""


def aligned_grid(
    mask: torch.Tensor, affine: np.ndarray, plane: MidsagittalPlane, spacing: Sequence[float], margin: float
) -> tuple[np.ndarray, tuple[int, int, int]]:
    """Lay the grid along a head's own axes that covers its brain, with the plane in the middle of X.

    Args:
        mask: (X, Y, Z) boolean, the brain.
        affine: 4x4, its voxels to RAS+ mm.
        plane: the mid-sagittal plane, RAS+ mm.
        spacing: voxel size along the head's right, anterior and superior axes, mm.
        margin: free space round the brain, mm.

    Returns:
        The grid's affine (4x4, voxel to RAS+ mm) and its size, X even.
    """
    first = mask.to(torch.uint8).argmax(dim=0)
    last = mask.shape[0] - 1 - mask.flip(0).to(torch.uint8).argmax(dim=0)
    rows = mask.any(dim=0).nonzero()
    ends = [torch.column_stack([end[rows[:, 0], rows[:, 1]], rows]) for end in (first, last)]
    voxels = torch.cat(ends).double().numpy()
    frame = plane.frame()
    to_head = np.linalg.inv(frame) @ affine
    points = voxels @ to_head[:3, :3].T + to_head[:3, 3]
    low, high = points.min(axis=0) - margin, points.max(axis=0) + margin
    low[0] = -max(-low[0], high[0])
    high[0] = -low[0]
    step = np.asarray(spacing, dtype=np.float64)
    size = np.maximum(np.ceil((high - low) / step - 1e-6), 1).astype(int)
    size[0] += size[0] % 2
    to_mm = np.diag([*step, 1.0])
    to_mm[:3, 3] = (low + high) / 2 - step * (size - 1) / 2
    return frame @ to_mm, (int(size[0]), int(size[1]), int(size[2]))


class AlignMidline(InvertibleTransform):
    """Resample a brain, once, to its own axes: orientation, spacing and midline together.

    X grows to the patient's right with the plane exactly between X/2-1 and X/2; the affine of the result maps
    its voxels to scanner RAS+ mm. Values at the brain's edge are averages over brain alone, and every voxel less
    than half in the brain is exactly 0. ``meta["midline"]`` holds

    * ``yaw``, ``roll`` (degrees), ``offset`` of the plane from the centre of the field of view (mm), ``point``
      and ``normal`` (RAS+ mm);
    * ``similarity``: correlation of the brain with its mirror image (NCC);
    * ``angle_error`` (degrees), ``offset_error`` (mm): standard errors, see
      :func:`scripts.midline.find_plane.find_plane`; above ``ANGLE_ERROR_LIMIT`` and ``OFFSET_ERROR_LIMIT`` there, look
      at the plane. None where it was given.

    Args:
        spacing: voxel size along right, anterior and superior, mm; a slice takes the first two.
        margin: free space round the brain, mm.

    Raises:
        ValueError: if ``spacing`` is not three positive numbers or ``margin`` is negative.
    """

    def __init__(self, spacing: Sequence[float] = (0.5, 0.5, 1.0), margin: float = 3.0) -> None:
        if len(spacing) != 3 or min(spacing) <= 0:
            raise ValueError(f"spacing must be three positive numbers in mm, got {tuple(spacing)}.")
        if margin < 0:
            raise ValueError(f"margin must not be negative, got {margin} mm.")
        self.spacing = tuple(float(step) for step in spacing)
        self.margin = float(margin)
        # Zeros beyond the grid: on the way back nothing may be smeared out of the map's own field of view.
        self.resample = SpatialResample(mode="bilinear", padding_mode="zeros", align_corners=False, dtype=np.float32)

    @torch.no_grad()
    def __call__(self, img: torch.Tensor, plane: Any = None) -> torch.Tensor:
        """Align a head, or a slice of one.

        Args:
            img: (1, X, Y, Z) or (1, X, Y) stripped brain, exactly 0 outside; a MetaTensor with its affine.
            plane: a known plane, see :func:`scripts.midline.known_plane.known_plane`; None searches.

        Returns:
            (1, X', Y'[, Z']) float32 MetaTensor.

        Raises:
            ValueError: if the image has no such shape, or is empty.
        """
        img = convert_to_tensor(img, track_meta=True)
        source = _source(img)
        of = f" of {source}" if source else ""
        if img.ndim not in (3, 4) or img.shape[0] != 1:
            raise ValueError(
                f"image{of} must be (1, X, Y, Z) or (1, X, Y), got shape {tuple(img.shape)}: put the channel first "
                "(EnsureChannelFirstd) and pass one volume."
            )
        axes = img.ndim - 1
        # A slice lies at z = 0 of a space of its own: no affine says how far it is tilted out of its plane.
        affine = to_affine_nd(3, to_affine_nd(axes, img.affine.detach().cpu().double().numpy()))
        similarity, angle_error, offset_error = 0.0, None, None
        if plane is None:
            found, similarity, angle_error, offset_error = find_plane(img, affine, source)
        else:
            found = known_plane(plane, affine)
            similarity = plane_similarity(img, affine, found)
        mask = img.as_tensor() != 0
        solid = mask[0].cpu().reshape(*img.shape[1:], *[1] * (3 - axes))
        dst_affine, size = aligned_grid(solid, affine, found, self.spacing, self.margin)
        both = MetaTensor(torch.cat([img.as_tensor().float(), mask.float()])).copy_meta_from(img)
        both = self.resample(both, dst_affine=torch.as_tensor(to_affine_nd(axes, dst_affine)), spatial_size=size[:axes])
        value, share = both.as_tensor().split(1)
        out = torch.where(share >= MASK_SHARE, value / share.clamp_min(MASK_SHARE), 0.0)
        out = MetaTensor(out).copy_meta_from(both)
        middle = affine[:3, :3] @ ((np.array(solid.shape) - 1) / 2) + affine[:3, 3]
        out.meta["midline"] = {
            "yaw": found.yaw,
            "roll": found.roll,
            "offset": -found.distance_to(middle),
            "similarity": similarity,
            "angle_error": angle_error,
            "offset_error": offset_error,
            "point": list(found.point),
            "normal": list(found.normal),
        }
        return out

    def inverse(self, data: torch.Tensor) -> torch.Tensor:
        """Carry a map (C, X', Y'[, Z']) on the aligned grid back to the grid before; 0 beyond the aligned grid."""
        return self.resample.inverse(data)


class AlignMidlined(MapTransform, InvertibleTransform):
    """Dictionary version of :class:`AlignMidline`.

    Args:
        keys: the brains to align, each to its own plane.
        spacing: see :class:`AlignMidline`.
        margin: see :class:`AlignMidline`.
        plane_key: where a known plane lies in the dictionary, see :func:`scripts.midline.known_plane.known_plane`; None
            searches.
        allow_missing_keys: don't raise if a key is missing.
    """

    def __init__(
        self,
        keys: KeysCollection,
        spacing: Sequence[float] = (0.5, 0.5, 1.0),
        margin: float = 3.0,
        plane_key: str | None = None,
        allow_missing_keys: bool = False,
    ) -> None:
        super().__init__(keys, allow_missing_keys)
        self.align = AlignMidline(spacing, margin)
        self.plane_key = plane_key

    def __call__(self, data: Mapping[Hashable, Any]) -> dict[Hashable, Any]:
        """Align every key.

        Raises:
            ValueError: if ``plane_key`` is set and the dictionary lacks it.
        """
        d = dict(data)
        if self.plane_key is not None and self.plane_key not in d:
            raise ValueError(
                f"plane_key {self.plane_key!r} is not in the dictionary, which has {sorted(map(str, d))}: "
                "give each item its plane, or leave plane_key out to search for it."
            )
        for key in self.key_iterator(d):
            d[key] = self.align(d[key], None if self.plane_key is None else d[self.plane_key])
        return d

    def inverse(self, data: Mapping[Hashable, Any]) -> dict[Hashable, Any]:
        """Carry every key back."""
        d = dict(data)
        for key in self.key_iterator(d):
            d[key] = self.align.inverse(d[key])
        return d


def _source(img: Any) -> str:
    """Base name of the file an image came from, or nothing."""
    name = str(img.meta.get("filename_or_obj", "") or "")
    return name.replace("\\", "/").rsplit("/", 1)[-1]
