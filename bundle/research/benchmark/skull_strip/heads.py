"""The synthetic test set of the skull strip: heads that no training has seen.

Reference: the brain with the fluid in and around it, all within the skull above the foramen magnum.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from ..cases import atlas

FIRST_SEED = 900_000  # of the synthetic heads; trainings use lower ones
HEAD_SPACING = 1.0  # mm of the grid that a synthetic head is built on


class Case(NamedTuple):
    """One head of the test set.

    Attributes:
        name: of the head.
        group: the set that it belongs to.
        image: (X, Y, Z) float32.
        mask: (X, Y, Z) boolean, the reference.
        affine: (4, 4) voxel to RAS+ mm.
        pose: number of the pose, of a head that is scanned in several.
    """

    name: str
    group: str
    image: np.ndarray
    mask: np.ndarray
    affine: np.ndarray
    pose: int = 0


def subject_heads(seed: int, number: int, hard: bool) -> Iterator[Case]:
    """Scan one head of the cohort's own generator: T1w or T2w by turns, and a second time harder.

    Args:
        seed: of the head.
        number: of the head in the test set; it decides contrast, acquisition, orientation and what is hard.
        hard: scan the head again with a random contrast, thick slices (2 to 5 mm) or a field of view cut in the neck,
            at the vertex or to a slab ("synthetic, hard").
    """
    import torch

    from scripts.phantom.head import make_head
    from scripts.phantom.scanner import ACQUISITIONS, ORIENTATIONS, acquire, draw_pose

    rng = np.random.default_rng(seed)
    head = make_head(atlas(), torch.Generator().manual_seed(seed), HEAD_SPACING)
    acquisition = list(ACQUISITIONS)[number % 3]
    orientation = ORIENTATIONS[number % len(ORIENTATIONS)]
    contrast = ("T1w", "T2w")[number % 2]
    scan = acquire(head, contrast, acquisition, orientation, draw_pose(rng), rng)
    mask = scan.brain_mask > 0
    yield Case(f"{seed} {contrast}", "synthetic", scan.image.astype(np.float32), mask, scan.affine)
    if hard:
        scan = acquire(head, "random", acquisition, orientation, draw_pose(rng), rng)
        image, mask, affine = _harder(scan.image, scan.brain_mask > 0, scan.affine, number, rng)
        yield Case(f"{seed} random", "synthetic, hard", image, mask, affine)


def _harder(
    image: np.ndarray, mask: np.ndarray, affine: np.ndarray, number: int, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Give every other scan thick slices; by turns leave it uncut, cut it below, at the vertex, and to a slab."""
    image, affine = image.astype(np.float32), affine.copy()
    thickness = float(np.linalg.norm(affine[:3, 2]))
    if number % 2:
        thick = max(2, round(rng.uniform(2, 5) / thickness))
        planes = image.shape[2] // thick * thick
        fold = (*image.shape[:2], planes // thick, thick)
        image = image[:, :, :planes].reshape(fold).mean(-1)
        mask = mask[:, :, :planes].reshape(fold).mean(-1) > 0.5
        affine[:3, 3] += affine[:3, 2] * (thick - 1) / 2
        affine[:3, 2] *= thick
        thickness *= thick
    filled = np.flatnonzero(mask.any((0, 1)))
    low, high = int(filled[0]), int(filled[-1]) + 1
    span = high - low
    start, stop = {
        0: (0, image.shape[2]),
        1: (low + round(0.25 * span), image.shape[2]),
        2: (0, high - round(0.2 * span)),
        3: (low + round(0.35 * span), low + round(0.35 * span) + max(4, round(30 / thickness))),
    }[number // 2 % 4]
    affine[:3, 3] += affine[:3, 2] * start
    return image[:, :, start:stop], mask[:, :, start:stop], affine
