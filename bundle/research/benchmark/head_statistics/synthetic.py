"""Synthetic heads with the labels of their own generator."""

from __future__ import annotations

import numpy as np
import torch

from scripts.phantom.anatomy import BRAIN, CLASSES, FULL, REGIONS, Head
from scripts.phantom.head import make_head
from scripts.phantom.scanner import Pose, acquire
from scripts.phantom.subject import HEAD_SPACING, draw_age

from ..cases import atlas
from .labelled import CODE, LabelledHead, Volume

CLASS = {"csf": "fluid", "cortex": "cortex", "white": "white", "deep": "deep", "myelin": "white"}
SPACING = 0.86
"""Voxel size of the scans, mm: that of the real ones."""


def synthetic_head(seed: int, asymmetry: str = "mid", age: float | None = None) -> LabelledHead:
    """Grow a head, and scan it upright with both contrasts.

    Args:
        seed: of all randomness.
        asymmetry: level of natural asymmetry, a key of ``head.ASYMMETRY``.
        age: at the scan, weeks; drawn as in a cohort by default.
    """
    rng = np.random.default_rng(seed)
    age = draw_age(rng) if age is None else age
    head = make_head(atlas(), torch.Generator().manual_seed(seed), HEAD_SPACING, asymmetry, age)
    labels = Volume(labels_of(head), np.diag([head.spacing] * 3 + [1.0]))
    labels.affine[:3, 3] = head.origin
    x = head.origin[0] + head.spacing * np.arange(labels.voxels.shape[0])
    side = np.broadcast_to(np.sign(np.round(x, 3)).astype(np.int8)[:, None, None], labels.voxels.shape)
    images = {}
    for contrast in ("T1w", "T2w"):
        upright = Pose(np.eye(3), np.zeros(3))
        scan = acquire(head, contrast, "iso", ("RAS", False), upright, rng, SPACING)
        images[contrast] = Volume(scan.image, scan.affine)
    return LabelledHead(f"seed {seed}", age, labels, side, images)


def labels_of(head: Head) -> np.ndarray:
    """Return the largest class of each voxel as a position in ``LABELS``, (X, Y, Z) uint8."""
    brain = head.classes[: len(BRAIN)]
    codes = torch.tensor([CODE[CLASS[name]] for name in CLASSES[: len(BRAIN)]], dtype=torch.uint8)
    labels = codes[brain.argmax(0)]
    fluid = labels == CODE["fluid"]
    labels[fluid & (head.regions == REGIONS.index("ventricle"))] = CODE["ventricle"]
    labels[~fluid & (head.regions == REGIONS.index("hindbrain"))] = CODE["hindbrain"]
    labels[head.brain_mask < FULL // 2] = CODE["other"]
    return labels.numpy()
