"""Intensities of the tissues, noise and sharpness of the scans of a head."""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from .labelled import CODE, LABELS, AlignedHead, LabelledHead

MAD = 1.4826
"""Standard deviation of a normal distribution by its median absolute deviation."""


def contrasts(head: AlignedHead) -> dict[str, float]:
    """Measure the median of each tissue, and how much it varies, relative to the median of white matter."""
    found = {}
    for contrast, image in head.images.items():
        white = float(np.median(image[head.is_in("white")]))
        for name in LABELS[1:]:
            values = image[head.is_in(name)]
            found[f"{contrast}.{name}"] = float(np.median(values)) / white
            if name in ("cortex", "white"):
                found[f"{contrast}.{name}_spread"] = MAD * float(np.median(np.abs(values - np.median(values)))) / white
        # What varies slowly within white matter: its own differences and the bias field.
        inside = head.is_in("white").astype(np.float32)
        local = ndimage.gaussian_filter(image * inside, 4) / np.maximum(ndimage.gaussian_filter(inside, 4), 1e-3)
        found[f"{contrast}.white_drift"] = float(local[inside > 0].std()) / white
    return found


def quality(head: LabelledHead) -> dict[str, float]:
    """Measure each scan on its own grid, relative to the median of white matter.

    Returns:
        ``noise``: standard deviation of a voxel's difference from its six neighbours, in the depth of white matter,
        divided by what white noise of 1 would give. ``grain``: that of the difference of Gaussian blurs of 1 and
        2.5 mm, there. ``edges``: 95th percentile of the slope in the brain, per mm.
    """
    found = {}
    for contrast, scan in head.images.items():
        size = np.linalg.norm(scan.affine[:3, :3], axis=0)
        image = scan.voxels.astype(np.float32)
        labels = head.labels.at(scan.affine, image.shape, 0)
        white = labels == CODE["white"]
        level = float(np.median(image[white]))
        deep_white = ndimage.binary_erosion(white, iterations=2)
        if deep_white.sum() < 200:
            deep_white = ndimage.binary_erosion(white)
        neighbours = ndimage.convolve(image, _six(), mode="nearest")
        fine = (image - neighbours)[deep_white] / np.sqrt(1 + 1 / 6)
        inside = white.astype(np.float32)
        narrow, wide = (
            ndimage.gaussian_filter(image * inside, mm / size)
            / np.maximum(ndimage.gaussian_filter(inside, mm / size), 1e-3)
            for mm in (1.0, 2.5)
        )
        slope = np.sqrt(sum((g / s) ** 2 for g, s in zip(np.gradient(image), size, strict=True)))
        found[f"{contrast}.noise"] = MAD * float(np.median(np.abs(fine - np.median(fine)))) / level
        found[f"{contrast}.grain"] = float((narrow - wide)[deep_white].std()) / level
        found[f"{contrast}.edges"] = float(np.percentile(slope[labels > CODE["fluid"]], 95)) / level
    return found


def _six() -> np.ndarray:
    """Mean of the six neighbours of a voxel as a kernel (3, 3, 3)."""
    kernel = ndimage.generate_binary_structure(3, 1).astype(np.float32)
    kernel[1, 1, 1] = 0
    return kernel / 6
