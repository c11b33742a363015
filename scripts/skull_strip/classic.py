"""Skull stripping by thresholds and morphology: no weights, whatever the contrast."""

from __future__ import annotations

import numpy as np
import torch
import torch.nn.functional as F

from .already_stripped import DARK_SHARE, WORKING_MM, is_stripped, nonzero_mask
from .largest_component import largest_component

PLAUSIBLE_ML = (50.0, 2500.0)
"""A brain volume outside this range is a mistake: a foetal brain of 24 weeks has about 80 ml, a large adult's 1900."""

THRESHOLDS = (0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.6)
"""Thresholds that are tried to separate brain from skull, as shares of the head's bright end."""

NECK_RADII_MM = (1.5, 2.5, 4.0, 6.0)
"""Radii of the openings that are tried: bridges from brain to scalp, eyes and neck are thinner than twice one of
them."""

CORE_ML = 20.0
"""A component that is smaller than this after the opening is not the brain."""

SCALP_MM = 3.5
"""A brain lies deeper than this below the skin: a newborn's scalp and bone are 4 to 8 mm thick."""

CLOSING_MM = 6.0
"""Sulci narrower than twice this belong to the brain."""

GAP_MM = 3.0
"""Bright tissue at a larger distance from the brain is scalp, face or neck."""

GROW_MM = 4.0
"""Largest thickness of the dark fluid that is added around the brain."""

TAILS = (0.03, 0.5, 0.97)
"""Quantiles of the brain's intensities, which show whether fluid is darker or brighter than brain tissue."""

SKULL_MM = 2.5
"""Assumed thickness of the bone if it can't be distinguished from fluid, with half a voxel of the working grid."""

SMOOTH_MM = 1.5
"""Standard deviation of the Gaussian that rounds off the voxels of the working grid."""

AIR_SHARE = 0.1
"""Voxels darker than this share of the bright end are air, if they reach the border of the image."""

BRIGHT_QUANTILE = 0.98
"""The bright end of an image: this quantile of all voxels above the mean."""


def classic_mask(image: torch.Tensor, spacing: np.ndarray) -> torch.Tensor:
    """Segment the brain by thresholds and morphology.

    Skull is dark in every contrast, so the brain is a compact bright body inside a dark shell. Several thresholds and
    openings each give a candidate. The one that is farthest from the air, most like an ellipsoid, and large wins. An
    image that was stripped before stays as it is.

    Args:
        image: (X, Y, Z), a head; background dark, values not negative apart from noise.
        spacing: voxel size, mm.

    Returns:
        (X, Y, Z) boolean, empty if there is no candidate.
    """
    image = image.cpu()
    if is_stripped(image, spacing):
        return nonzero_mask(image, spacing)
    size = [max(1, min(n, round(n * s / WORKING_MM))) for n, s in zip(image.shape, spacing, strict=True)]
    coarse = F.interpolate(image[None, None].float(), size=size, mode="area")[0, 0].numpy()
    step = np.array(image.shape) / np.array(size) * spacing
    mask = _best_candidate(coarse, step)
    soft = F.interpolate(torch.from_numpy(mask)[None, None].float(), size=tuple(image.shape), mode="trilinear")
    return soft[0, 0] > 0.5


def _best_candidate(image: np.ndarray, step: np.ndarray) -> np.ndarray:
    """The most plausible brain (X, Y, Z) on the working grid; empty if there is none."""
    from scipy import ndimage

    bright_end = float(np.quantile(image[image >= image.mean()], BRIGHT_QUANTILE))
    if bright_end <= 0 or image.max() <= image.min():
        return np.zeros(image.shape, dtype=bool)
    image = np.clip(image / bright_end, 0, 1)
    head = largest_component(torch.from_numpy(image > AIR_SHARE)).numpy()
    crop = ndimage.find_objects(np.pad(head, 1).astype(np.uint8))[0]
    # One voxel of air is kept if there is any: a body that touches the end of the array counts as cut off.
    crop = tuple(slice(max(span.start - 2, 0), span.stop) for span in crop)
    shape, image, head = image.shape, image[crop], head[crop]
    depth = _depth(head, step)
    best, best_score = np.zeros(head.shape, dtype=bool), -np.inf
    for threshold in THRESHOLDS:
        bright = (image > threshold) & head
        inner = _depth(bright, step)
        for radius in NECK_RADII_MM:
            labels, _ = ndimage.label(inner > radius)
            sizes = np.bincount(labels.ravel())[1:] * np.prod(step) / 1000
            for label in np.flatnonzero(sizes > CORE_ML) + 1:
                mask = ndimage.binary_fill_holes((_depth(labels != label, step) <= radius) & bright)
                score = _plausibility(mask, step, depth)
                if score > best_score:
                    best, best_score = mask, score
    out = np.zeros(shape, dtype=bool)
    out[crop] = _grow(_close(best, step), image, head, step)
    return out


def _plausibility(mask: np.ndarray, step: np.ndarray, depth: np.ndarray) -> float:
    """How plausible a candidate is as a brain: away from the air, like an ellipsoid, and the larger the better."""
    from scipy import ndimage

    volume = float(mask.sum()) * float(np.prod(step)) / 1000
    if not PLAUSIBLE_ML[0] <= volume <= PLAUSIBLE_ML[1]:
        return -np.inf
    # Where the field of view cuts the brain, there is no surface.
    surface = mask & ~ndimage.binary_erosion(mask, border_value=1)
    clear = float((depth[surface] > SCALP_MM).mean()) if surface.any() else 0.0
    return 5 * clear + 3 * _ellipticity(mask, step) + 0.5 * float(np.log(volume))


def _ellipticity(mask: np.ndarray, step: np.ndarray) -> float:
    """Dice coefficient of a body and the ellipsoid that has the same moments."""
    points = np.argwhere(mask) * step
    points = points - points.mean(axis=0)
    spread = points.T @ points / len(points) + 1e-6 * np.eye(3)
    # A solid ellipsoid with semi-axes a has the variances a^2 / 5.
    inside = float((np.einsum("ni,ij,nj->n", points, np.linalg.inv(spread), points, optimize=True) < 5).sum())
    ellipsoid = 4 / 3 * np.pi * 5**1.5 * np.sqrt(np.linalg.det(spread)) / np.prod(step)
    return 2 * inside / (ellipsoid + len(points))


def _grow(mask: np.ndarray, image: np.ndarray, head: np.ndarray, step: np.ndarray) -> np.ndarray:
    """Add the dark fluid between the brain and the skull, which on T1 looks like the skull.

    Fluid is dark if the lower tail of the brain's intensities is the longer one: ventricles and sulci lie inside. Then
    the bone can't be seen; it is assumed to be as thick as a newborn's, measured inwards from the scalp.
    """
    from scipy import ndimage

    distance = _depth(~mask, step)
    inner = image[ndimage.binary_erosion(mask, border_value=1)]
    low, middle, high = np.quantile(inner, TAILS) if inner.size else (0.0, 0.0, 0.0)
    if high - middle >= middle - low:
        return mask
    level = DARK_SHARE * float(middle)
    outer = ~head | ((image > level) & (distance > GAP_MM))
    grown = mask | ((distance <= GROW_MM) & (_depth(~outer, step) > SKULL_MM))
    return ndimage.gaussian_filter(ndimage.binary_fill_holes(grown).astype(np.float32), SMOOTH_MM / step) > 0.5


def _close(mask: np.ndarray, step: np.ndarray) -> np.ndarray:
    """Fill sulci and holes."""
    from scipy import ndimage

    if not mask.any():
        return mask
    margin = int(np.ceil(CLOSING_MM / step.min())) + 1
    mask = np.pad(mask, margin)
    mask = _depth(_depth(~mask, step) <= CLOSING_MM, step) > CLOSING_MM
    return ndimage.binary_fill_holes(mask)[margin:-margin, margin:-margin, margin:-margin]


def _depth(mask: np.ndarray, step: np.ndarray) -> np.ndarray:
    """Distance of each voxel of a mask from its outside, mm."""
    from scipy import ndimage

    return ndimage.distance_transform_edt(mask, sampling=step).astype(np.float32)
