"""The template of every synthetic head: tissue maps, distances and zones of the MNI152 brain."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from .surfaces import inner_distance, ventricle_distance

ZONE_STEP = 2  # voxel size of the zones in template mm: they are smooth, and need no finer grid


class Atlas(NamedTuple):
    """Maps in template space (MNI152 2009a symmetric, adult mm, RAS+ axes, x = 0 is the mid-sagittal plane).

    Attributes:
        tissue: (2, X, Y, Z) probabilities of grey and white matter, 1 mm.
        zones: (5, x, y, z) at ``ZONE_STEP`` mm: signed distance to the brain's hull (adult mm, negative inside), then
            weights in [0, 1] of the cortical mantle, deep grey nuclei, early myelin and interhemispheric fissure.
        inner: (1, X, Y, Z) signed distance to the inner surface of the cortex (adult mm, negative inside), 1 mm.
        inside: (2, x, y, z) at ``ZONE_STEP`` mm: signed distance to the lateral ventricles (adult mm, negative inside),
            and the weight of the hindbrain: cerebellum, pons and medulla.
        origin: template mm of voxel (0, 0, 0) of all grids.
    """

    tissue: Tensor
    zones: Tensor
    inner: Tensor
    inside: Tensor
    origin: tuple[float, float, float]


def load_atlas() -> Atlas:
    """Read the tissue maps that nilearn ships, and compute the distance to the hull and the zones from them.

    Source: MNI152 nonlinear symmetric 2009a, Fonov et al. 2011, doi:10.1016/j.neuroimage.2010.07.033.

    Returns:
        The atlas. It takes a few seconds, once for a whole cohort.
    """
    from nilearn.datasets import load_mni152_gm_template, load_mni152_wm_template

    grey_image = load_mni152_gm_template(resolution=1)
    grey = np.asarray(grey_image.dataobj, dtype=np.float32)
    white = np.asarray(load_mni152_wm_template(resolution=1).dataobj, dtype=np.float32)
    x, y, z = (float(v) for v in grey_image.affine[:3, 3])
    origin = (x, y, z)
    every = (slice(None, None, ZONE_STEP),) * 3
    zones, hindbrain = _zones(grey[every], white[every], origin)
    ventricles = ventricle_distance(grey[every], white[every], zones[0], origin)
    inner = inner_distance(white, np.maximum(zones[2], ventricles < 0), hindbrain, ZONE_STEP, -round(x))
    return Atlas(
        torch.from_numpy(np.stack([grey, white])),
        torch.from_numpy(zones),
        torch.from_numpy(inner)[None],
        torch.from_numpy(np.stack([ventricles, hindbrain]).astype(np.float32)),
        origin,
    )


def _zones(grey: np.ndarray, white: np.ndarray, origin: tuple[float, ...]) -> tuple[np.ndarray, np.ndarray]:
    """Distance to the hull and weights of the zones on their grid, see ``Atlas.zones``; and of the hindbrain."""
    from scipy import ndimage

    x, y, z = np.meshgrid(
        *(ZONE_STEP * np.arange(n) + o for n, o in zip(grey.shape, origin, strict=True)), indexing="ij"
    )
    pad = 8
    solid = np.pad(grey + white > 0.5, pad, mode="edge")
    to_solid = ndimage.distance_transform_edt(~solid)
    closed = ndimage.distance_transform_edt(to_solid < 5) < 5  # the outside after a closing, which bridges the sulci
    hull_inside = ndimage.gaussian_filter((~closed).astype(np.float32), 1.5) > 0.5
    distance = ndimage.distance_transform_edt(~hull_inside) - ndimage.distance_transform_edt(hull_inside)
    distance = ZONE_STEP * ndimage.gaussian_filter(distance, 1.0)[pad:-pad, pad:-pad, pad:-pad]

    def blob(cx: float, cy: float, cz: float, rx: float, ry: float, rz: float) -> np.ndarray:
        radius = np.sqrt(((np.abs(x) - cx) / rx) ** 2 + ((y - cy) / ry) ** 2 + ((z - cz) / rz) ** 2)
        return np.clip(2.5 * (1.2 - radius), 0, 1)

    # Cerebellum, pons and medulla lie below the tentorium, a plane that falls to the back.
    hindbrain = np.clip((-12 - z + 0.15 * (y + 40)) / 6, 0, 1) * np.clip((-6 - y) / 6, 0, 1)
    hindbrain *= np.clip(
        (24 + np.clip(-28 - y, 0, 28) - np.abs(x)) / 6, 0, 1
    )  # beside its front lie the temporal lobes
    stem = np.clip((-24 - z) / 6, 0, 1) * np.clip((4 - y) / 6, 0, 1) * (np.abs(x) < 22)
    hindbrain = np.maximum(hindbrain, stem)
    # Thalamus, lentiform nucleus, head of the caudate, hippocampus with amygdala: in adult mm.
    deep = np.maximum(blob(13, -19, 6, 13, 20, 15), blob(25, -1, 1, 11, 25, 18))
    deep = np.maximum(deep, np.maximum(blob(14, 12, 9, 8, 14, 12), blob(25, -15, -17, 10, 22, 10)))
    mantle = np.clip((distance + 34) / 8, 0, 1) * np.clip((np.abs(x) - 5) / 5, 0, 1)
    mantle = mantle * (1 - hindbrain) * (1 - deep)
    # Internal capsule (posterior limb), dorsal brain stem and cerebellar peduncles myelinate before term.
    myelin = np.maximum(0.8 * blob(22, -14, 10, 4, 10, 12), blob(6, -30, -34, 8, 8, 22))
    myelin = np.maximum(myelin, 0.6 * blob(14, -48, -36, 10, 10, 8))
    middle = round(-origin[0] / ZONE_STEP)
    gap = ndimage.gaussian_filter(((white[middle] + white[middle + 1]) < 0.5).astype(np.float32), 0.7)
    core = blob(0, -22, -2, 30, 34, 26)  # commissures, third ventricle and thalami: no fissure there
    fissure = np.clip(2 * gap - 0.6, 0, 1)[None] * (1 - hindbrain) * (1 - core)
    return np.stack([distance, mantle, deep, myelin, fissure]).astype(np.float32), hindbrain


def sample(volume: Tensor, points: Tensor, step: float, origin: tuple[float, ...]) -> Tensor:
    """Sample a volume at points by trilinear interpolation; beyond the border, the value at the border counts.

    The template ends at the foramen magnum, so that the value at its border continues the cord down the neck.

    Args:
        volume: (C, X, Y, Z), voxel (0, 0, 0) at ``origin``.
        points: (3, A, B, C) positions in the volume's frame, mm.
        step: voxel size, mm.
        origin: position of the first voxel, mm.

    Returns:
        (C, A, B, C) values.
    """
    lengths = [step * (n - 1) for n in volume.shape[1:]]
    # grid_sample wants the last axis first, in [-1, 1].
    grid = torch.stack([(points[k] - origin[k]) * (2 / lengths[k]) - 1 for k in (2, 1, 0)], dim=-1)
    out = torch.nn.functional.grid_sample(volume[None], grid[None], padding_mode="border", align_corners=True)
    return out[0]
