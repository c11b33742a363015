"""Surfaces within the template's brain as signed distances, from which a newborn's thin cortex can be drawn."""

from __future__ import annotations

import numpy as np

DEEP = 14.0  # the lateral ventricles lie deeper below the hull than this, adult mm
WHITE = 0.5  # probability of white matter on the inner surface of the cortex


def ventricle_distance(grey: np.ndarray, white: np.ndarray, hull: np.ndarray, origin: tuple[float, ...]) -> np.ndarray:
    """Measure the signed distance to the lateral ventricles.

    They are the largest connected region of fluid far below the hull, off the midline.

    Args:
        grey: (x, y, z) probability of grey matter, on the grid of the zones.
        white: (x, y, z) that of white matter.
        hull: (x, y, z) signed distance to the hull, adult mm, negative inside.
        origin: template mm of voxel (0, 0, 0).

    Returns:
        (x, y, z) distance in adult mm, negative inside.
    """
    from scipy import ndimage

    step = round(-2 * origin[0] / (grey.shape[0] - 1))
    x, y, z = np.meshgrid(*(step * np.arange(n) + o for n, o in zip(grey.shape, origin, strict=True)), indexing="ij")
    third = (np.abs(x) < 3) & (z < 10)
    region = (hull < -DEEP) & (np.abs(x) < 38) & (y > -62) & (y < 36) & (z > -8) & (z < 32) & ~third
    parts, _ = ndimage.label((grey + white < 0.5) & region & (np.abs(x) > 1))
    sizes = np.bincount(parts.ravel())
    sizes[0] = 0
    inside = np.isin(parts, np.argsort(sizes)[-2:])  # one on either side
    inside |= inside[::-1]
    distance = ndimage.distance_transform_edt(~inside) - ndimage.distance_transform_edt(inside)
    return (step * ndimage.gaussian_filter(distance, 0.6)).astype(np.float32)


def inner_distance(white: np.ndarray, core: np.ndarray, hindbrain: np.ndarray, step: int, middle: int) -> np.ndarray:
    """Measure the signed distance to the inner surface of the cortex: to all that is white or deep in the cerebrum.

    Args:
        white: (X, Y, Z) probability of white matter, 1 mm, its own mirror image.
        core: (x, y, z) weight of deep grey matter and ventricles, on a grid of ``step`` mm.
        hindbrain: (x, y, z) its weight.
        step: of the coarse grid, voxels of the fine one.
        middle: index of the mid-sagittal plane.

    Returns:
        (X, Y, Z) distance in adult mm, negative inside.
    """
    from scipy import ndimage

    def fine(coarse: np.ndarray) -> np.ndarray:
        """One hemisphere on the fine grid."""
        grown = coarse.repeat(step, 0).repeat(step, 1).repeat(step, 2)
        return grown[tuple(slice(0, n) for n in white.shape)][middle:]

    inside = ((white[middle:] > WHITE) & (fine(hindbrain) < 0.5)) | (fine(core) > 0.5)
    distance = ndimage.distance_transform_edt(~inside) - ndimage.distance_transform_edt(inside)
    distance = ndimage.gaussian_filter(distance.astype(np.float32), 0.7).clip(-20, 20)
    return np.concatenate([distance[:0:-1], distance])[: white.shape[0]]
