"""Find the lateral ventricle of one half of a head by its intensity; where there is none to see, take a usual shape."""

from __future__ import annotations

import numpy as np
import torch
from scipy import ndimage
from torch import Tensor

from .levels import Levels

CENTRE, SPREAD = (0.2, -0.03, 0.18), (0.16, 0.3, 0.25)
"""Where a lateral ventricle lies, and how far it spreads, as shares of the brain's half extents."""

SMALLEST, LARGEST = 0.15, 30.0
"""Volumes of one lateral ventricle that are believed, ml."""

WIDE = 0.06
"""Half the width of the usual shape, as a share of the brain's half width."""


def ventricle_distance(
    image: Tensor, depth: Tensor, uvw: tuple[Tensor, Tensor, Tensor], levels: Levels, step: float
) -> Tensor:
    """Return the signed distance to the wall of the lateral ventricle, mm, negative inside.

    Args:
        image: (X, Y, Z) of one half.
        depth: (X, Y, Z) below the surface of the brain, mm.
        uvw: coordinates as shares of the brain's half extents; u grows from the midline.
        levels: of the scan.
        step: of the grid, mm.
    """
    u, v, w = uvw
    near_fissure = (u < 0.08) & (w > 0.3)
    place = (u > 0.035) & (u < 0.62) & (v > -0.7) & (v < 0.6) & (w > -0.35) & (w < 0.6) & ~near_fissure
    share = levels.fluid_share(torch.from_numpy(ndimage.gaussian_filter(image.numpy(), 0.5)))
    parts, count = ndimage.label(((share > 0.4) & place & (depth > 9)).numpy())
    inside = None
    if count:
        prior = torch.exp(
            -0.5 * torch.stack([((c - m) / s) ** 2 for c, m, s in zip(uvw, CENTRE, SPREAD, strict=True)]).sum(0)
        )
        scores = ndimage.sum_labels(prior.numpy(), parts, np.arange(1, count + 1))
        sizes = np.bincount(parts.ravel())[1:]
        kept = [k + 1 for k in range(count) if scores[k] > 0.15 * scores.max() and scores[k] > 0.1 * sizes[k]]
        found = np.isin(parts, kept)
        if SMALLEST < found.sum() * step**3 / 1000 < LARGEST:
            inside = found
    if inside is None:
        return _usual_shape(uvw, depth)
    distance = ndimage.distance_transform_edt(~inside) - ndimage.distance_transform_edt(inside)
    return torch.from_numpy((step * ndimage.gaussian_filter(distance, 0.7)).astype(np.float32))


def _usual_shape(uvw: tuple[Tensor, Tensor, Tensor], depth: Tensor) -> Tensor:
    """Return the signed distance to a bent tube from the frontal horn to the atrium, mm."""
    u, v, w = uvw
    bend = v.clamp(-0.3, 0.32)
    off = torch.sqrt((u - 0.14 + 0.25 * (bend - 0.1)) ** 2 + ((w - 0.22 + 0.8 * bend**2) / 1.6) ** 2 + (v - bend) ** 2)
    width = float(depth.max()) * 1.15  # about the half width of the brain, mm
    return width * (off - WIDE)
