"""The places that stand out in the evidence map, each with what it looks like."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from ..io.affine import voxel_size
from ..network.score import SIDES
from ..preprocessing.slices import usable_slices
from .peak_region import PeakRegion, peak_region

MOST = 5
"""Places that are listed at most."""

APART_MM = 10.0
"""Peaks are at least so far apart, and from the mirror image of another: a lesion has several peaks, and an echo at its
mirror position."""

LOWEST = 0.5
"""A place is listed if its highest probability is at least this: that it differs from its mirror is more likely than
not."""

MUCH_P = 0.2
"""With a reference of normal scans, a place is listed if fewer of them than this have one as bright."""

CLEAR_SD = 0.3
"""A place is brighter or darker than its mirror position if they differ by more than this, in standard deviations of
the brain's intensities."""


class Finding(PeakRegion):
    """A place in the evidence map.

    Attributes:
        side: ``left``, ``right`` or ``unknown``.
        looks: ``brighter`` or ``darker`` than its mirror position, or ``as bright``.
        p: the chance that a normal scan has a place with so high a probability; None if unknown.
    """

    side: str
    looks: str
    p: float | None


def find_places(pred: Tensor, pair: Tensor, affine: Any, first: tuple[int, int, int, int]) -> list[Finding]:
    """Return the places with the highest evidence, the highest first, but for the first one, which is given.

    Args:
        pred: evidence map (2, H, W, Z), logits.
        pair: (2, H, W, Z), the hemispheres that it belongs to, in standard deviations of the brain's intensities.
        affine: of the right hemisphere, voxel to RAS mm.
        first: peak that the side of the scan was read from: channel, H, W, Z.

    Returns:
        At most :data:`MOST` places, with a side, but without a p value.
    """
    rest, usable, steps = torch.full_like(pred, -torch.inf), usable_slices(pair), voxel_size(affine)
    rest[..., usable] = pred[..., usable]
    peak, places = first, list[Finding]()
    while len(places) < MOST and torch.sigmoid(pred[peak]) >= LOWEST:
        channel, *voxel = peak
        region, inside = peak_region(pred, affine, channel, (voxel[0], voxel[1], voxel[2]))
        places.append(Finding(**region, side=SIDES[channel], looks=looks(pair, channel, inside), p=None))
        box = [
            slice(max(0, int(v - APART_MM / step)), int(v + APART_MM / step) + 1)
            for v, step in zip(voxel, steps, strict=True)
        ]
        rest[:, box[0], box[1], box[2]] = -torch.inf
        rest[:, inside[:, 0], inside[:, 1], inside[:, 2]] = -torch.inf
        peak = tuple(int(i) for i in torch.unravel_index(rest.argmax(), rest.shape))  # type: ignore[assignment]
    return places


def looks(pair: Tensor, channel: int, inside: Tensor) -> str:
    """Say whether a region is brighter or darker than its mirror position.

    Args:
        pair: (2, H, W, Z), in standard deviations of the brain's intensities.
        channel: of the hemisphere with the region.
        inside: its voxels (N, 3).
    """
    here, there = (pair[c, inside[:, 0], inside[:, 1], inside[:, 2]].float() for c in (channel, 1 - channel))
    both = (here != 0) & (there != 0)
    difference = float((here - there)[both].mean()) if both.any() else 0.0
    return "brighter" if difference > CLEAR_SD else "darker" if difference < -CLEAR_SD else "as bright"
