"""Resample a head, once, so that its mid-sagittal plane is the middle of the grid.

All coordinates are RAS+ mm unless stated otherwise.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import Any, TypedDict

import numpy as np
import torch
from monai.config import KeysCollection
from monai.data import MetaTensor
from monai.data.utils import to_affine_nd
from monai.transforms import InvertibleTransform, MapTransform, SpatialResample
from monai.utils import convert_to_tensor

from ..io.scan_file import of_scan, scan_name
from .find_plane import find_plane, plane_similarity
from .known_plane import known_plane
from .plane import MidsagittalPlane

MASK_SHARE = 0.5
"""A resampled voxel is brain if at least this share of it comes from brain."""


class Midline(TypedDict):
    """How the mid-sagittal plane of a head lies in the scanner, in ``meta["midline"]``.

    Attributes:
        yaw: turn about the superior axis, degrees; positive if the right side is turned anteriorly.
        roll: tilt about the anterior axis, degrees; positive if the vertex is tilted to the right. 0 for a slice.
        offset: distance of the plane from the centre of the field of view, mm; positive if it lies to the patient's
            right of the centre.
        similarity: correlation of the brain with its mirror image (NCC), at most 1.
        angle_error: standard error of the normal, degrees; None if the plane was given. Above
            ``find_plane.ANGLE_ERROR_LIMIT``, look at the plane.
        offset_error: standard error of the plane's position, mm; None if the plane was given. Above
            ``find_plane.OFFSET_ERROR_LIMIT``, look at the plane.
        point: (3,) a point of the plane, RAS+ mm.
        normal: (3,) its unit normal, which points to the patient's right, RAS+.
    """

    yaw: float
    roll: float
    offset: float
    similarity: float
    angle_error: float | None
    offset_error: float | None
    point: list[float]
    normal: list[float]


def aligned_grid(
    mask: torch.Tensor, affine: np.ndarray, plane: MidsagittalPlane, spacing: Sequence[float], margin: float
) -> tuple[np.ndarray, tuple[int, int, int]]:
    """Compute the grid along a head's own axes that covers its brain, with the plane in the middle of X.

    Args:
        mask: (X, Y, Z) boolean, the brain.
        affine: 4x4, its voxels to RAS+ mm.
        plane: the mid-sagittal plane, RAS+ mm.
        spacing: voxel size along the head's right, anterior and superior axes, mm.
        margin: free space around the brain, mm.

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

    X grows to the patient's right, with the plane exactly between X/2-1 and X/2. The affine of the result maps its
    voxels to the scanner's RAS+ mm. Values at the brain's edge are averages over brain alone, and every voxel less than
    half in the brain is exactly 0. ``meta["midline"]`` is a :class:`Midline`.

    Args:
        spacing: voxel size along right, anterior and superior, mm; for a slice the first two count.
        margin: free space around the brain, mm.

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
        # Zeros beyond the grid: the inverse must not extend a map beyond its own field of view.
        self.resample = SpatialResample(mode="bilinear", padding_mode="zeros", align_corners=False, dtype=np.float32)

    @torch.no_grad()
    def __call__(self, img: torch.Tensor, plane: Any = None) -> MetaTensor:
        """Align a head, or a slice of one.

        Args:
            img: (1, X, Y, Z) or (1, X, Y) stripped brain, exactly 0 outside; a MetaTensor with its affine.
            plane: a known plane, see :func:`scripts.midline.known_plane.known_plane`; None searches for it.

        Returns:
            (1, X', Y'[, Z']) float32 MetaTensor.

        Raises:
            ValueError: if the image has no such shape, or is empty.
        """
        brain: MetaTensor = convert_to_tensor(img, track_meta=True)
        if brain.ndim not in (3, 4) or brain.shape[0] != 1:
            raise ValueError(
                f"image{of_scan(brain)} must be (1, X, Y, Z) or (1, X, Y), got shape {tuple(brain.shape)}: put the "
                "channel first (EnsureChannelFirstd) and pass one volume."
            )
        axes = brain.ndim - 1
        # A slice lies at z = 0 of a space of its own: its affine does not say how far it is tilted out of its plane.
        affine = to_affine_nd(3, to_affine_nd(axes, brain.affine.detach().cpu().double().numpy()))
        similarity, angle_error, offset_error = 0.0, None, None
        if plane is None:
            midplane, similarity, angle_error, offset_error = find_plane(brain, affine, scan_name(brain))
        else:
            midplane = known_plane(plane, affine)
            similarity = plane_similarity(brain, affine, midplane)
        mask = brain.as_tensor() != 0
        solid = mask[0].cpu().reshape(*brain.shape[1:], *[1] * (3 - axes))
        dst_affine, size = aligned_grid(solid, affine, midplane, self.spacing, self.margin)
        both = MetaTensor(torch.cat([brain.as_tensor().float(), mask.float()])).copy_meta_from(brain)
        resampled: Any = self.resample(
            both, dst_affine=torch.as_tensor(to_affine_nd(axes, dst_affine)), spatial_size=size[:axes]
        )
        value, share = resampled.as_tensor().split(1)
        values = torch.where(share >= MASK_SHARE, value / share.clamp_min(MASK_SHARE), 0.0)
        out = MetaTensor(values).copy_meta_from(resampled)
        middle = affine[:3, :3] @ ((np.array(solid.shape) - 1) / 2) + affine[:3, 3]
        midline: Midline = {
            "yaw": midplane.yaw,
            "roll": midplane.roll,
            "offset": -midplane.distance_to(middle),
            "similarity": similarity,
            "angle_error": angle_error,
            "offset_error": offset_error,
            "point": list(midplane.point),
            "normal": list(midplane.normal),
        }
        out.meta["midline"] = midline
        return out

    def inverse(self, data: torch.Tensor) -> torch.Tensor:
        """Resample a map (C, X', Y'[, Z']) from the aligned grid to the grid before; 0 beyond the aligned grid."""
        return self.resample.inverse(data)


class AlignMidlined(MapTransform, InvertibleTransform):
    """Dictionary version of :class:`AlignMidline`.

    Args:
        keys: the brains to align, each to its own plane.
        spacing: see :class:`AlignMidline`.
        margin: see :class:`AlignMidline`.
        plane_key: key of a known plane, see :func:`scripts.midline.known_plane.known_plane`; None searches for it.
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
        """Resample every key to the grid before."""
        d = dict(data)
        for key in self.key_iterator(d):
            d[key] = self.align.inverse(d[key])
        return d
