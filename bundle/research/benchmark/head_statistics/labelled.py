"""A head with a label for each tissue, real or synthetic: what all statistics are measured on."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy import ndimage

LABELS = ("other", "fluid", "cortex", "white", "deep", "ventricle", "hindbrain")
"""Labels by code: ``fluid`` is all but that of the lateral ventricles, ``hindbrain`` cerebellum and brain stem."""
CODE = {name: code for code, name in enumerate(LABELS)}
CEREBRUM = ("cortex", "white", "deep", "ventricle")
STEP = 1.0
"""Voxel size of the grid that is measured on, mm."""
CLOSING = 5.0
"""Radius of the closing that bridges the sulci, mm."""


class Volume(NamedTuple):
    """Voxels and where they lie.

    Attributes:
        voxels: (X, Y, Z).
        affine: (4, 4) voxel to RAS+ mm.
    """

    voxels: np.ndarray
    affine: np.ndarray

    def at(self, affine: np.ndarray, shape: tuple[int, ...], order: int = 1) -> np.ndarray:
        """Sample on another grid; 0 beyond the border.

        Args:
            affine: (4, 4) of the other grid, voxel to RAS+ mm.
            shape: of the other grid.
            order: 1 interpolates linearly, 0 takes the nearest voxel.
        """
        step = np.linalg.inv(self.affine) @ affine
        return ndimage.affine_transform(self.voxels, step[:3, :3], step[:3, 3], shape, order=order)


class LabelledHead(NamedTuple):
    """One subject.

    Attributes:
        name: of the subject.
        age: at the scan, weeks after the last menstruation; None if it is not known.
        labels: positions in ``LABELS``.
        side: -1 left, 1 right, 0 neither; on the grid of the labels.
        images: scan by contrast, ``T1w`` or ``T2w``; 0 or noise outside the head.
    """

    name: str
    age: float | None
    labels: Volume
    side: np.ndarray
    images: dict[str, Volume]


class AlignedHead(NamedTuple):
    """A head on a grid of ``STEP`` mm whose first axis is perpendicular to the mid-sagittal plane, in its middle.

    Attributes:
        labels: (X, Y, Z) positions in ``LABELS``.
        hull: (X, Y, Z) depth below the hull of the cerebrum, mm; negative outside.
        images: (X, Y, Z) by contrast.
    """

    labels: np.ndarray
    hull: np.ndarray
    images: dict[str, np.ndarray]

    def is_in(self, *names: str) -> np.ndarray:
        """Return where one of these labels is."""
        return np.isin(self.labels, [CODE[name] for name in names])


def align(head: LabelledHead) -> AlignedHead:
    """Resample a head so that its detected mid-sagittal plane is the middle of the first axis.

    The plane is detected in both kinds of heads alike, so that an error of it changes their statistics alike.
    """
    import torch

    from scripts.midline.find_plane import find_plane

    image = head.images.get("T2w", next(iter(head.images.values())))
    labels = head.labels.at(image.affine, image.voxels.shape, 0)
    brain = torch.from_numpy(np.where(labels > 0, image.voxels, 0).astype(np.float32))
    plane = find_plane(brain, image.affine, head.name).plane
    right = np.array(plane.normal)
    up = np.array([0.0, 0.0, 1.0]) - right[2] * right
    up /= np.linalg.norm(up)
    axes = np.stack([right, np.cross(up, right), up], axis=1)
    points = np.argwhere(head.labels.voxels > 0)[::20] @ head.labels.affine[:3, :3].T + head.labels.affine[:3, 3]
    own = (points - plane.point) @ axes
    reach = np.abs(own[:, 0]).max() + 6
    low, high = own.min(0) - 6, own.max(0) + 6
    low[0], high[0] = -np.ceil(reach), np.ceil(reach)
    shape = tuple(int(n) for n in np.ceil((high - low) / STEP) + 1)
    affine = np.eye(4)
    affine[:3, :3], affine[:3, 3] = axes * STEP, np.array(plane.point) + axes @ low
    shares = np.stack(
        [
            Volume((head.labels.voxels == code).astype(np.float32), head.labels.affine).at(affine, shape)
            for code in range(1, len(LABELS))
        ]
    )
    found = np.where(shares.sum(0) > 0.5, shares.argmax(0) + 1, 0).astype(np.uint8)
    return AlignedHead(
        found,
        depth_below_hull(np.isin(found, [CODE[name] for name in CEREBRUM])),
        {
            name: Volume(scan.voxels.astype(np.float32), scan.affine).at(affine, shape)
            for name, scan in head.images.items()
        },
    )


def depth_below_hull(inside: np.ndarray) -> np.ndarray:
    """Return the distance (X, Y, Z) to the hull of a region in mm, positive inside; a closing bridges the sulci."""
    radius = int(CLOSING / STEP) + 1
    region = np.pad(inside, radius)
    near = ndimage.distance_transform_edt(~region) * STEP < CLOSING
    hull = ndimage.distance_transform_edt(near) * STEP >= CLOSING
    hull = ndimage.gaussian_filter(hull.astype(np.float32), 1.0) > 0.5
    hull = hull[(slice(radius, -radius),) * 3]
    return STEP * (ndimage.distance_transform_edt(hull) - ndimage.distance_transform_edt(~hull))


def _tensor(voxels: np.ndarray) -> object:
    import torch

    return torch.from_numpy(np.ascontiguousarray(voxels, dtype=np.float32))
