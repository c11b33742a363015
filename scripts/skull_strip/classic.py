"""Finding the brain in a head by thresholds and morphology: no weights, whatever the contrast."""

from __future__ import annotations

import numpy as np
import torch
import torch.nn.functional as F

from .already_stripped import DARK_SHARE, WORKING_MM, is_stripped, nonzero_mask

PLAUSIBLE_ML = (50.0, 2500.0)
"""A brain volume outside this range is a mistake: a 24-week foetal brain has about 80 ml, a large adult's
1900."""

THRESHOLDS = (0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.6)
"""Shares of the head's bright end tried as the level that parts brain from skull."""

NECK_RADII_MM = (1.5, 2.5, 4.0, 6.0)
"""Radii of the openings tried: bridges from brain to scalp, eyes and neck are thinner than twice one of
these."""

CORE_ML = 20.0
"""What is left of a brain after the opening is no smaller."""

SCALP_MM = 3.5
"""A brain lies deeper than this below the skin: scalp and bone of a newborn measure 4 to 8 mm."""

CLOSING_MM = 6.0
"""Sulci narrower than twice this belong to the brain."""

GAP_MM = 3.0
"""Bright tissue farther than this from the brain is scalp, face or neck."""

GROW_MM = 4.0
"""Widest rim of dark fluid that is taken in."""

TAILS = (0.03, 0.5, 0.97)
"""Quantiles of the brain's intensities that show on which side of brain tissue the fluid lies."""

SKULL_MM = 2.5
"""Thickness given to the bone where it can't be told from fluid, half a voxel of the working grid
included."""

SMOOTH_MM = 1.5
"""Rounds off the voxels of the working grid."""

AIR_SHARE = 0.1
"""Darker than this share of the bright end is air, where it reaches the border of the image."""

BRIGHT_QUANTILE = 0.98
"""The bright end: the quantile of all voxels above the mean."""


def classic_mask(image: torch.Tensor, spacing: np.ndarray) -> torch.Tensor:
    """Find the brain by thresholds and morphology, with no weights and whatever the contrast.

    Skull is dark in every contrast, so the brain is a compact bright body inside a dark shell. Several
    thresholds and openings each give a candidate; the one that is most compact, whose surrounding shell is
    darkest and that keeps away from the air wins. An already stripped image is kept as it is.

    Args:
        image: (X, Y, Z), a head; background dark, values not negative apart from noise.
        spacing: voxel size, mm.

    Returns:
        (X, Y, Z) boolean, empty if no candidate was found.
    """
    image = image.cpu()
    if is_stripped(image, spacing):
        return nonzero_mask(image, spacing)
    size = [max(1, min(n, round(n * s / WORKING_MM))) for n, s in zip(image.shape, spacing, strict=True)]
    small = F.interpolate(image[None, None].float(), size=size, mode="area")[0, 0].numpy()
    step = np.array(image.shape) / np.array(size) * spacing
    mask = _best_candidate(small, step)
    soft = F.interpolate(torch.from_numpy(mask)[None, None].float(), size=tuple(image.shape), mode="trilinear")
    return soft[0, 0] > 0.5


def _best_candidate(image: np.ndarray, step: np.ndarray) -> np.ndarray:
    """The most plausible brain (X, Y, Z) on the working grid; empty where there is none."""
    from scipy import ndimage

    bright_end = float(np.quantile(image[image >= image.mean()], BRIGHT_QUANTILE))
    if bright_end <= 0 or image.max() <= image.min():
        return np.zeros(image.shape, dtype=bool)
    image = np.clip(image / bright_end, 0, 1)
    whole = ndimage.binary_fill_holes(_largest(image > AIR_SHARE))
    crop = ndimage.find_objects(np.pad(whole, 1).astype(np.uint8))[0]
    # A voxel of air is kept where there is any: what touches the end of the array counts as cut off.
    crop = tuple(slice(max(span.start - 2, 0), span.stop) for span in crop)
    image, head = image[crop], whole[crop]
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
    out = np.zeros(whole.shape, dtype=bool)
    out[crop] = _grow(_close(best, step), image, head, step)
    return out


def _plausibility(mask: np.ndarray, step: np.ndarray, depth: np.ndarray) -> float:
    """How much a candidate looks like a brain: away from the air, an ellipsoid, and the larger the better."""
    from scipy import ndimage

    volume = float(mask.sum()) * float(np.prod(step)) / 1000
    if not PLAUSIBLE_ML[0] <= volume <= PLAUSIBLE_ML[1]:
        return -np.inf
    # What the field of view cuts off is no surface.
    surface = mask & ~ndimage.binary_erosion(mask, border_value=1)
    clear = float((depth[surface] > SCALP_MM).mean()) if surface.any() else 0.0
    return 5 * clear + 3 * _ellipticity(mask, step) + 0.5 * float(np.log(volume))


def _ellipticity(mask: np.ndarray, step: np.ndarray) -> float:
    """Dice of a body with the ellipsoid of its own moments."""
    points = np.argwhere(mask) * step
    points = points - points.mean(axis=0)
    spread = points.T @ points / len(points) + 1e-6 * np.eye(3)
    # A solid ellipsoid with semi-axes a has the variances a^2 / 5.
    inside = float((np.einsum("ni,ij,nj->n", points, np.linalg.inv(spread), points, optimize=True) < 5).sum())
    ellipsoid = 4 / 3 * np.pi * 5**1.5 * np.sqrt(np.linalg.det(spread)) / np.prod(step)
    return 2 * inside / (ellipsoid + len(points))


def _grow(mask: np.ndarray, image: np.ndarray, head: np.ndarray, step: np.ndarray) -> np.ndarray:
    """Take in the dark fluid between the brain and the skull, which on T1 looks like the skull.

    Fluid is dark if the brain's intensities have the longer tail below: ventricles and sulci lie inside. The
    bone itself can't be seen there; it is given a newborn's thickness, measured inwards from the scalp.
    """
    from scipy import ndimage

    away = _depth(~mask, step)
    inner = image[ndimage.binary_erosion(mask, border_value=1)]
    low, middle, high = np.quantile(inner, TAILS) if inner.size else (0.0, 0.0, 0.0)
    if high - middle >= middle - low:
        return mask
    level = DARK_SHARE * float(middle)
    outer = ~head | ((image > level) & (away > GAP_MM))
    grown = mask | ((away <= GROW_MM) & (_depth(~outer, step) > SKULL_MM))
    return ndimage.gaussian_filter(ndimage.binary_fill_holes(grown).astype(np.float32), SMOOTH_MM / step) > 0.5


def _close(mask: np.ndarray, step: np.ndarray) -> np.ndarray:
    """Fill sulci and holes."""
    from scipy import ndimage

    if not mask.any():
        return mask
    wide = int(np.ceil(CLOSING_MM / step.min())) + 1
    mask = np.pad(mask, wide)
    mask = _depth(_depth(~mask, step) <= CLOSING_MM, step) > CLOSING_MM
    return ndimage.binary_fill_holes(mask)[wide:-wide, wide:-wide, wide:-wide]


def _depth(mask: np.ndarray, step: np.ndarray) -> np.ndarray:
    """Distance of each voxel of a mask from its outside, mm."""
    from scipy import ndimage

    return ndimage.distance_transform_edt(mask, sampling=step).astype(np.float32)


def _largest(mask: np.ndarray) -> np.ndarray:
    from scipy import ndimage

    labels, count = ndimage.label(mask)
    return labels == 1 + int(np.argmax(np.bincount(labels.ravel())[1:])) if count else mask
