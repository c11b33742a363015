"""The affine of a scan: its voxel size, whether it can be trusted about left and right, and what replaces it if not."""

from __future__ import annotations

from typing import Any, TypedDict

import numpy as np
from monai.data import MetaTensor

from .nifti import nifti_header

SINGULAR = 1e-6
"""Volume of a voxel, mm³, below which the three axes are not independent."""

FALLBACK_MM = 1.0
"""Side of a voxel if the header holds no positive one."""


class AffineMeasurements(TypedDict):
    """What was measured of an affine.

    Attributes:
        affine_fault: what is wrong with it, a key of ``quality.rules.AFFINES``; "" if nothing is.
        qform_sform_mm: the largest distance between the places that qform and sform give to a corner of the volume, mm.
    """

    affine_fault: str
    qform_sform_mm: float


def voxel_size(affine: Any) -> np.ndarray:
    """Return the lengths of a voxel's sides, mm.

    Args:
        affine: (4, 4) or, for a slice, (3, 3): voxel to mm; NumPy or torch.

    Returns:
        (3,), or (2,) for a slice, in the order of the array's axes.
    """
    return np.linalg.norm(np.asarray(affine, dtype=np.float64)[:-1, :-1], axis=0)


def judge_affine(image: MetaTensor) -> tuple[np.ndarray, AffineMeasurements]:
    """Judge the affine of a scan.

    Args:
        image: (1, X, Y, Z) as loaded, with its metadata.

    Returns:
        An affine to compute with, 4x4, voxel to RAS+ mm: that of the scan; or, if that is missing or singular, one made
        of the voxel size alone. And what was measured.
    """
    affine = np.asarray(image.affine, dtype=np.float64)
    shape = tuple(image.shape[1:])
    header = nifti_header(image)
    fault, distance = "", 0.0
    sides = [FALLBACK_MM] * 3
    forms: list[np.ndarray] = []
    if header is not None:
        sides = [float(side) if np.isfinite(side) and side > 0 else FALLBACK_MM for side in header["pixdim"]]
        coded = ((header["sform_code"], header["sform"]), (header["qform_code"], header["qform"]))
        forms = [np.asarray(form) for code, form in coded if code]
        if not forms:
            fault = "no_affine"
    if any(map(_singular, [affine, *forms[:1]])):  # the stored form, too: MONAI's reader corrects some
        fault = "singular_affine"
    elif np.array_equal(affine, np.eye(4)):
        fault = "identity_affine"
    if len(forms) == 2 and not fault:
        distance = _largest_distance(forms[0], forms[1], shape)
        if _axis_codes(forms[0]) != _axis_codes(forms[1]):
            fault = "qform_against_sform"
    if fault in ("no_affine", "singular_affine"):
        affine = np.diag([*sides, 1.0])
        affine[:3, 3] = -np.array(sides) * (np.array(shape) - 1) / 2
    return affine, {"affine_fault": fault, "qform_sform_mm": distance}


def _singular(form: np.ndarray) -> bool:
    return not np.isfinite(form).all() or abs(float(np.linalg.det(form[:3, :3]))) < SINGULAR


def _largest_distance(sform: np.ndarray, qform: np.ndarray, shape: tuple[int, ...]) -> float:
    """The largest distance between the places of a corner, mm, apart from a shift of the whole volume."""
    corners = np.stack(np.meshgrid(*((0, n - 1) for n in shape), indexing="ij"), -1).reshape(-1, 3)
    by_sform, by_qform = (corners @ form[:3, :3].T + form[:3, 3] for form in (sform, qform))
    # A shift alone, as between a scanner's and a template's origin, says nothing about the axes.
    difference = by_sform - by_qform
    return float(np.linalg.norm(difference - difference.mean(axis=0), axis=1).max())


def _axis_codes(affine: np.ndarray) -> tuple[Any, ...]:
    from nibabel import aff2axcodes

    return aff2axcodes(affine) if np.isfinite(affine).all() else ()
