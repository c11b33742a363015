"""Detect the mid-sagittal plane: the plane about which the two sides of a brain are most similar.

All coordinates are RAS+ mm unless stated otherwise.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import torch

from .ascent import neighbours
from .jackknife import jackknife_error
from .plane import MidsagittalPlane
from .pyramid import Level, build_pyramid
from .search import correlate, plausibility, search
from .symmetry import agreement, difference_scale, mirrored_pairs

__all__ = ["ANGLE_ERROR_LIMIT", "OFFSET_ERROR_LIMIT", "FoundPlane", "find_plane", "plane_similarity"]

ANGLE_ERROR_LIMIT = 1.0
"""A plane with a larger standard error should be looked at, degrees: two standard errors are then 2 degrees, at which
the false-positive rate of asymmetry detection doubles."""

OFFSET_ERROR_LIMIT = 0.5
"""The same for the offset, mm: two standard errors are then 1 mm."""

ERROR_STEP = 0.4
"""Distance of the neighbouring planes from which the error is estimated, degrees and mm."""

RIVAL_MARGIN = 0.1
"""Another candidate may be the right one if its plausibility is lower than the best one's by less than this."""


class FoundPlane(NamedTuple):
    """A detected plane and its standard errors.

    Attributes:
        plane: the mid-sagittal plane; its point is the projection of the brain's centre of mass.
        similarity: NCC of the brain with its mirror image at 4 mm (2 mm for a slice), at most 1.
        angle_error: standard error of the normal, degrees.
        offset_error: standard error of the plane's position at the brain's centre, mm.
    """

    plane: MidsagittalPlane
    similarity: float
    angle_error: float
    offset_error: float


@torch.no_grad()
def find_plane(image: torch.Tensor, affine: torch.Tensor | np.ndarray, source: str = "") -> FoundPlane:
    """Detect the plane about which a brain is most similar to its own mirror image.

    Pairs of points that mirror each other at candidate planes are compared. The best candidates of a grid of yaw, roll
    and offset are improved on coarse copies by the correlation of all pairs (Ardekani et al. 1997, IEEE Trans. Med.
    Imaging 16:947). The best of them are then refined on a fine copy by the robust agreement of the pairs near the
    midline. Natural asymmetry, a lesion or an error of the skull strip on one side hardly changes that. The search is
    deterministic, and a mirrored head gives the mirrored plane.

    The errors are standard errors by the jackknife (one ninth of the brain left out at a time), or the distance to
    another plane that is nearly as symmetric, if that is larger. Above ``ANGLE_ERROR_LIMIT`` or ``OFFSET_ERROR_LIMIT``
    the plane should be looked at.

    Args:
        image: (X, Y, Z) or (1, X, Y, Z) volume, or (1, X, Y) slice (the plane is then perpendicular to it): a stripped
            brain, exactly 0 outside. Axes near RAS+; a head may be turned by up to about 30 degrees. The search runs on
            the image's device.
        affine: 4x4 (or 3x3 for a slice), voxel to RAS+ mm.
        source: name of the scan for error messages.

    Raises:
        ValueError: if the image has no such shape, or is 0 everywhere.
    """
    levels = build_pyramid(image, affine, source)
    fine = levels[-1]
    best, *others = search(levels)
    plane, limit = fine.plane(best), plausibility(fine, best) - RIVAL_MARGIN
    rivals = [fine.plane(candidate) for candidate in others if plausibility(fine, candidate) > limit]
    error = _standard_error(fine, best)
    return FoundPlane(
        plane=plane,
        similarity=correlate(levels[-2], plane),
        angle_error=max([float(np.linalg.norm(error[:-1])), *(plane.angle_to(rival) for rival in rivals)]),
        offset_error=max([float(error[-1]), *(abs(rival.distance_to(plane.point)) for rival in rivals)]),
    )


@torch.no_grad()
def plane_similarity(image: torch.Tensor, affine: torch.Tensor | np.ndarray, plane: MidsagittalPlane) -> float:
    """Correlate a brain with its mirror image about a given plane.

    Args:
        image: see :func:`find_plane`.
        affine: see :func:`find_plane`.
        plane: RAS+ mm.

    Returns:
        The NCC, see :class:`FoundPlane`.
    """
    level = build_pyramid(image, affine)[-2]
    # The plane's own point is arbitrary; with the point nearest to the brain's centre, the brain itself is sampled.
    nearest = level.centre - plane.distance_to(level.centre) * np.array(plane.normal)
    return correlate(level, MidsagittalPlane(tuple(nearest), plane.normal))


def _standard_error(level: Level, best: np.ndarray) -> np.ndarray:
    """Standard errors of a candidate's parameters, degrees and mm."""
    pairs = mirrored_pairs(level, level.plane(best), near=True)
    scale = difference_scale(level, pairs, level.plane(best))
    around = [level.plane(candidate) for candidate in best + ERROR_STEP * neighbours(len(best))]
    return ERROR_STEP * jackknife_error(pairs, *agreement(level, pairs, around, scale), is_slice=level.is_slice)
