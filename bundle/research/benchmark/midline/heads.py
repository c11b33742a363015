"""Heads whose mid-sagittal plane is known: tilted, asymmetric, with a one-sided lesion or without."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import torch
from monai.data import MetaTensor
from monai.transforms import SpatialResample

from scripts.midline.plane import MidsagittalPlane
from scripts.phantom.head import make_head
from scripts.phantom.scanner import ACQUISITIONS, FULL_RANGE, Pose, Scan, acquire, rotation
from scripts.phantom.template import Atlas

MAX_TILT = 30.0  # degrees, each of pitch, roll and yaw
MAX_SHIFT = 20.0  # mm along each axis
LESION_MM = (10.0, 30.0)  # diameter
SPACING = 1.0  # mm
CONTRASTS = ("T1w", "T2w", "random")
SLICE_HEIGHTS = (-10.0, 30.0)  # mm above the head's origin
SLICE_SIZE = 160  # pixels of 1 mm


class Case(NamedTuple):
    """A scan with its truth.

    Attributes:
        image: (1, X, Y, Z) float32 with its affine, the whole head.
        mask: (1, X, Y, Z) uint8, the generator's own brain mask.
        plane: the mid-sagittal plane, RAS+ mm.
        about: asymmetry, contrast and diameter of the lesion (0: none).
    """

    image: MetaTensor
    mask: torch.Tensor
    plane: MidsagittalPlane
    about: dict[str, str | float]


def make_case(atlas: Atlas, seed: int, number: int, asymmetry: str | None = None) -> Case:
    """Make one head, which depends on the seed and its number alone.

    Args:
        atlas: the template.
        seed: of the set.
        number: every other is of "mid" and of "strong" asymmetry, every other four have a lesion.
        asymmetry: one level for all; "none" is exactly symmetric and has no lesion.
    """
    rng = np.random.default_rng([seed, number])
    generator = torch.Generator().manual_seed(int(rng.integers(2**62)))
    level = asymmetry or ("mid", "strong")[number % 2]
    contrast = CONTRASTS[number // 2 % 3]
    head = make_head(atlas, generator, SPACING, level)
    turn = rotation(*rng.uniform(-MAX_TILT, MAX_TILT, 3))
    pose = Pose(turn, rng.uniform(-MAX_SHIFT, MAX_SHIFT, 3))
    acquisition = str(rng.choice(list(ACQUISITIONS)))
    scan = acquire(head, contrast, acquisition, ("RAS", bool(rng.random() < 1 / 3)), pose, rng, SPACING)
    diameter = float(rng.uniform(*LESION_MM)) if number // 4 % 2 and level != "none" else 0.0
    image = _with_lesion(scan, diameter, rng) if diameter else scan.image.astype(np.float32)
    return Case(
        image=MetaTensor(torch.from_numpy(image)[None], affine=torch.as_tensor(scan.affine)),
        mask=torch.from_numpy(scan.brain_mask)[None],
        plane=MidsagittalPlane(tuple(scan.point), tuple(scan.normal)),
        about={"asymmetry": level, "contrast": contrast, "lesion_mm": round(diameter, 1)},
    )


def cut_slice(case: Case, rng: np.random.Generator) -> tuple[MetaTensor, MidsagittalPlane]:
    """Cut a slice at right angles to the plane, turned and shifted within itself.

    Returns:
        The brain (1, X, Y), 1 mm, and its midline in the slice's own RAS+ mm.
    """
    turn = np.eye(4)
    turn[:3, :3] = rotation(0, 0, rng.uniform(-MAX_TILT, MAX_TILT))
    turn[:2, 3] = rng.uniform(-MAX_SHIFT, MAX_SHIFT, 2)
    turn[2, 3] = -rng.uniform(*SLICE_HEIGHTS)  # from the head to the slice
    own = np.eye(4)
    own[:2, 3] = -(SLICE_SIZE - 1) / 2
    both = MetaTensor(torch.cat([case.image, case.mask.float()])).copy_meta_from(case.image)
    affine = case.plane.frame() @ np.linalg.inv(turn) @ own
    cut = SpatialResample(mode="bilinear", padding_mode="zeros", dtype=np.float32)(
        both, dst_affine=torch.as_tensor(affine), spatial_size=(SLICE_SIZE, SLICE_SIZE, 1)
    ).as_tensor()[..., 0]
    midline = MidsagittalPlane((*turn[:2, 3], 0.0), tuple(turn[:3, 0]))
    return MetaTensor(torch.where(cut[1:] > 0.5, cut[:1], 0.0), affine=torch.as_tensor(own)), midline


def _with_lesion(scan: Scan, diameter: float, rng: np.random.Generator) -> np.ndarray:
    """Return the scan (X, Y, Z) float32 with a flat round lesion in one hemisphere."""
    grid = np.stack(np.meshgrid(*map(np.arange, scan.image.shape), indexing="ij"), axis=-1)
    points = grid @ scan.affine[:3, :3].T + scan.affine[:3, 3]
    lateral = (points - scan.point) @ scan.normal * rng.choice([-1.0, 1.0])
    inside = scan.brain_mask > 0
    centres = points[inside & (lateral > diameter / 2)]
    away = np.linalg.norm(points - centres[rng.integers(len(centres))], axis=-1)
    share = np.clip(0.5 + (diameter / 2 - away) / 1.5, 0, 1) * (inside & (lateral > 0))
    grey = FULL_RANGE * (rng.uniform(0.05, 1.0) + 0.02 * rng.standard_normal(scan.image.shape))
    return (scan.image * (1 - share) + grey * share).astype(np.float32)
