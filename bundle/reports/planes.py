"""Cut a volume along the three planes of the scanner, in the radiological convention."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from monai.transforms import Orientation
from numpy.typing import NDArray

PLANES = {"axial": 2, "coronal": 1, "sagittal": 0}
"""Name -> axis of a volume in RAS order that is perpendicular to the plane."""

EDGES = {"axial": ("R", "L", "P", "A"), "coronal": ("R", "L", "I", "S"), "sagittal": ("A", "P", "I", "S")}
"""Direction at the left, right, lower and upper edge of a picture, in the radiological convention."""


class Cut(NamedTuple):
    """A picture of a plane.

    Attributes:
        image: (rows, columns), to be drawn with the origin at the bottom.
        extent: left, right, bottom, top in mm.
    """

    image: NDArray[Any]
    extent: tuple[float, float, float, float]

    def centres(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return the centres of the columns and of the rows, in mm."""
        rows, columns = self.image.shape
        _, right, _, top = self.extent
        return (np.arange(columns) + 0.5) * right / columns, (np.arange(rows) + 0.5) * top / rows


def in_ras(volume: Any) -> tuple[NDArray[Any], NDArray[np.float64]]:
    """Reorient a volume (1, X, Y, Z), a MetaTensor, to RAS order; return the array (X, Y, Z) and its affine."""
    reoriented = Orientation(axcodes="RAS", labels=None)(volume)
    return reoriented.as_tensor()[0].cpu().numpy(), np.asarray(reoriented.affine, dtype=np.float64)


def cut(volume: NDArray[Any], sides: NDArray[np.float64], plane: str, index: int) -> Cut:
    """Cut a volume.

    Args:
        volume: (X, Y, Z) in RAS order.
        sides: of a voxel, mm.
        plane: a key of :data:`PLANES`.
        index: of the voxel along the plane's axis.
    """
    axis = PLANES[plane]
    across, up = [k for k in range(3) if k != axis]
    image = volume.take(index, axis=axis).T
    # The patient's right is on the left of the picture. In a sagittal picture, anterior is on the left.
    extent = (0.0, volume.shape[across] * float(sides[across]), 0.0, volume.shape[up] * float(sides[up]))
    return Cut(image[:, ::-1], extent)


def plane_distance(
    shape: tuple[int, ...], affine: NDArray[np.float64], point: list[float], normal: list[float]
) -> NDArray[np.float64]:
    """Return the signed distance (X, Y, Z) of every voxel from a plane, in mm.

    Args:
        shape: (X, Y, Z).
        affine: voxel to RAS mm.
        point: of the plane, RAS mm.
        normal: of the plane, of length 1.
    """
    direction = np.asarray(normal) @ affine[:3, :3]
    start = float((affine[:3, 3] - np.asarray(point)) @ np.asarray(normal))
    steps = np.ix_(*(np.arange(n) for n in shape))
    return start + sum(step * part for step, part in zip(steps, direction, strict=True))
