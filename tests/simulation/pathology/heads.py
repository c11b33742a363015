"""Small symmetric newborn heads on a coarse grid, T1 and T2, for the tests of the pathologies."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from scripts.midline.plane import MidsagittalPlane
from scripts.simulation.pathology.anatomy import Anatomy, find_anatomy
from scripts.simulation.pathology.draw import Drawn, draw_pathology
from tests.heads import make_head

NEWBORN_T1 = ([0.0, 0.08, 0.3, 0.5, 0.7, 1.0], [0.0, 0.1, 0.6, 1.12, 1.0, 0.75])
"""Intensities of the T2-like head -> those of a newborn's T1: fluid is dark, and grey matter brighter than white."""


@dataclass(frozen=True)
class Scan:
    """A head of the tests: image (X, Y, Z) float32, its affine, brain mask and mid-sagittal plane."""

    image: np.ndarray
    affine: np.ndarray
    mask: np.ndarray
    plane: MidsagittalPlane

    def draw(self, kind: str, side: str, severity: float, anatomy: Anatomy | None = None, **options: object) -> Drawn:
        """Draw a pathology into it."""
        given = (self.image, self.affine, self.mask, self.plane)
        return draw_pathology(*given, kind, side, severity, anatomy=anatomy, **options)  # type: ignore[arg-type]


@lru_cache
def scan(contrast: str = "T2", orientation: str = "RAS", voxel: float = 2.0) -> Scan:
    """Make a head that is cut out, with noise that is symmetric, so that a mirror image is the head itself."""
    head = make_head(voxel=(voxel,) * 3)
    image, mask = head.image[0].numpy().astype(np.float32), head.mask[0].numpy() > 0
    affine = head.image.affine.numpy()
    if contrast == "T1":
        image = np.interp(image, *NEWBORN_T1).astype(np.float32)
    noise = np.random.default_rng(0).normal(0, 0.015, image.shape)
    image = (image + noise + noise[::-1]).astype(np.float32) * mask
    turned = {"RAS": (image, mask, affine), "LAS": _flipped(image, mask, affine), "PIR": _turned(image, mask, affine)}
    return Scan(*(turned[orientation][k] for k in (0, 2, 1)), plane=head.plane)


def voxel_of(kind: str) -> float:
    """Voxels for a pathology, mm: coarse ones, which are quick, except for what is too small for them."""
    return {"punctate_lesions": 1.25}.get(kind, 2.0)


@lru_cache
def anatomy(contrast: str = "T2", voxel: float = 2.0) -> Anatomy:
    """Measure the head of a contrast once for all tests."""
    one = scan(contrast, voxel=voxel)
    return find_anatomy(one.image, one.affine, one.mask, one.plane, contrast)


@lru_cache
def drawn(kind: str, side: str, severity: float, contrast: str = "T2") -> Drawn:
    """Draw a pathology into the head once for all tests."""
    head, voxel = scan(contrast, voxel=voxel_of(kind)), voxel_of(kind)
    return head.draw(kind, side, severity, anatomy(contrast, voxel), contrast=contrast, seed=3)


def _flipped(image: np.ndarray, mask: np.ndarray, affine: np.ndarray) -> tuple[np.ndarray, ...]:
    flip = np.diag([-1.0, 1.0, 1.0, 1.0])
    flip[0, 3] = image.shape[0] - 1
    return image[::-1].copy(), mask[::-1].copy(), affine @ flip


def _turned(image: np.ndarray, mask: np.ndarray, affine: np.ndarray) -> tuple[np.ndarray, ...]:
    """Store the axes in the order posterior, inferior, right."""
    ny, nz = image.shape[1:]
    to = np.array([[0.0, 0, 1, 0], [-1, 0, 0, ny - 1], [0, -1, 0, nz - 1], [0, 0, 0, 1]])
    return *(np.ascontiguousarray(v.transpose(1, 2, 0)[::-1, ::-1]) for v in (image, mask)), affine @ to
