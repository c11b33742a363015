"""Draw a pathology into a scan: the one function that others need."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import torch

from ...midline.plane import MidsagittalPlane
from .anatomy import Anatomy, find_anatomy
from .apply import apply_changes
from .canvas import SIDES
from .change import Change
from .flow import jacobian
from .levels import CONTRASTS
from .rows import PATHOLOGIES


@dataclass(frozen=True)
class Drawn:
    """A scan with a pathology, and the truth about it.

    Attributes:
        image: (X, Y, Z) of the scan's own type.
        brain_mask: (X, Y, Z) bool; it differs from the scan's where the outline of the brain moved.
        truth: (X, Y, Z) bool, where the pathology is.
        side: ``left`` or ``right`` of the patient, or ``both``.
        volume_ml: of the truth, with its partial voxels, or of the gain or loss of tissue.
        kind: a key of :data:`.rows.PATHOLOGIES`.
        severity: in ``unit``.
        unit: of the severity.
    """

    image: np.ndarray
    brain_mask: np.ndarray
    truth: np.ndarray
    side: str
    volume_ml: float
    kind: str
    severity: float
    unit: str


def draw_pathology(
    image: np.ndarray,
    affine: np.ndarray,
    brain_mask: np.ndarray,
    plane: MidsagittalPlane,
    kind: str,
    side: str,
    severity: float,
    contrast: str | None = None,
    seed: int = 0,
    anatomy: Anatomy | None = None,
) -> Drawn:
    """Draw a pathology into a head, on one side or, as a hard negative, on both sides alike.

    A seed draws the same pathology in every scan of an infant that has the same mask and plane. Where the place depends
    on the lateral ventricle, that is found in each scan anew.

    Args:
        image: (X, Y, Z), of the whole head or of the brain alone.
        affine: (4, 4) voxels to RAS+ mm; left and right come from it.
        brain_mask: (X, Y, Z), not 0 in the brain with its outer fluid.
        plane: mid-sagittal, RAS+ mm.
        kind: a key of :data:`.rows.PATHOLOGIES`.
        side: ``left`` or ``right`` of the patient, or ``both``.
        severity: in the unit of the row.
        contrast: ``T1`` or ``T2``; by default it is measured: on T2 the fluid is bright.
        seed: of shape and place.
        anatomy: of this scan, see :func:`.anatomy.find_anatomy`, to draw several pathologies faster.

    Raises:
        ValueError: if there is no such kind, side or contrast, a severity is not above 0, the arrays are not three
            dimensional and of one shape, or the mask is empty.
    """
    _check(image, brain_mask, kind, side, severity, contrast)
    anatomy = anatomy or find_anatomy(image, affine, brain_mask, plane, contrast)
    row = PATHOLOGIES[kind]
    sides = tuple(SIDES) if side == "both" else (side,)
    changes = {one: row.draw(anatomy.halves[one], float(severity), _random(kind, seed)) for one in sides}
    voxels, mask, truth, volume = apply_changes(image.astype(np.float32), brain_mask > 0, anatomy, changes, seed)
    millilitres = volume * abs(float(np.linalg.det(affine[:3, :3]))) / 1000
    known = [change.volume_ml for change in changes.values() if change.volume_ml is not None]
    if np.issubdtype(image.dtype, np.integer):
        limits = np.iinfo(image.dtype)
        voxels = np.clip(np.rint(voxels), limits.min, limits.max)
    return Drawn(
        voxels.astype(image.dtype),
        mask,
        truth,
        side,
        sum(known) if known else millilitres,
        kind,
        float(severity),
        row.unit,
    )


def smallest_jacobian(anatomy: Anatomy, changes: Mapping[str, Change]) -> float:
    """Return the smallest local change of volume of the warps of some changes: above 0, they can be undone."""
    moved = [change.displacement for change in changes.values() if change.displacement is not None]
    return min((float(jacobian(u, anatomy.canvas.step).min()) for u in moved), default=1.0)


def _random(kind: str, seed: int) -> torch.Generator:
    """Random numbers of a kind and a seed, the same for both sides."""
    return torch.Generator().manual_seed(zlib.crc32(f"{kind}|{seed}".encode()))


def _check(
    image: np.ndarray, brain_mask: np.ndarray, kind: str, side: str, severity: float, contrast: str | None
) -> None:
    """Raise if an argument can't be used."""
    if kind not in PATHOLOGIES:
        raise ValueError(f"There is no pathology {kind!r}. Choose one of: {', '.join(PATHOLOGIES)}.")
    if side not in (*SIDES, "both"):
        raise ValueError(f"There is no side {side!r}. Choose one of: {', '.join(SIDES)}, both.")
    if contrast is not None and contrast not in CONTRASTS:
        raise ValueError(f"There is no contrast {contrast!r}. Choose one of: {', '.join(CONTRASTS)}.")
    if not severity > 0:
        raise ValueError(f"severity must be above 0, in {PATHOLOGIES[kind].unit}, got {severity}.")
    if image.ndim != 3 or image.shape != brain_mask.shape:
        raise ValueError(
            f"image and brain_mask must be (X, Y, Z) and of one shape, got {image.shape} and {brain_mask.shape}: "
            "pass one volume and the mask on its grid."
        )
    if not (brain_mask > 0).any():
        raise ValueError("brain_mask must not be empty: pass the mask of a skull strip that found the brain.")
