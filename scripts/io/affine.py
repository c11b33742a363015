"""Can a scan's affine be trusted to say where left and right are? And what stands in where it can't."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from monai.data import MetaTensor

NIFTI = (".nii", ".nii.gz")

SINGULAR = 1e-6
"""A volume of a voxel, mm³, below which three axes aren't independent."""

FALLBACK_MM = 1.0
"""Side of a voxel where the header names no positive one."""


def judge_affine(image: MetaTensor) -> tuple[np.ndarray, dict[str, Any]]:
    """Judge the affine of a scan.

    Args:
        image: (1, X, Y, Z) as loaded, with its file's name.

    Returns:
        An affine that can be computed with (4x4, voxel to RAS+ mm): the scan's own, or one made of the voxel size
        alone; and what was measured: ``affine_fault``, a code of ``quality.rules`` for what is wrong with it or "", and
        ``qform_sform_mm``, the largest distance by which the two forms of a NIfTI header place a corner of the volume.
    """
    affine = np.asarray(image.affine, dtype=np.float64)
    shape = tuple(image.shape[1:])
    file = Path(str(image.meta.get("filename_or_obj", "")))
    found: dict[str, Any] = {"affine_fault": "", "qform_sform_mm": 0.0}
    sides = [FALLBACK_MM] * 3
    forms: list[np.ndarray] = []
    if file.name.endswith(NIFTI) and file.exists():
        import nibabel as nib

        header: Any = nib.load(file).header
        sides = [float(side) if np.isfinite(side) and side > 0 else FALLBACK_MM for side in header["pixdim"][1:4]]
        forms = [
            form for form in (header.get_sform(coded=True)[0], header.get_qform(coded=True)[0]) if form is not None
        ]
        if not forms:
            found["affine_fault"] = "no_affine"
    if any(map(_singular, [affine, *forms[:1]])):  # of the header, too: MONAI's reader repairs some on its way
        found["affine_fault"] = "singular_affine"
    elif np.array_equal(affine, np.eye(4)):
        found["affine_fault"] = "identity_affine"
    if len(forms) == 2 and not found["affine_fault"]:
        found["qform_sform_mm"] = _apart(forms[0], forms[1], shape)
        if _axes(forms[0]) != _axes(forms[1]):
            found["affine_fault"] = "qform_against_sform"
    if found["affine_fault"] in ("no_affine", "singular_affine"):
        affine = np.diag([*sides, 1.0])
        affine[:3, 3] = -np.array(sides) * (np.array(shape) - 1) / 2
    return affine, found


def _singular(form: np.ndarray) -> bool:
    return not np.isfinite(form).all() or abs(float(np.linalg.det(form[:3, :3]))) < SINGULAR


def _apart(one: np.ndarray, other: np.ndarray, shape: tuple[int, ...]) -> float:
    corners = np.stack(np.meshgrid(*((0, n - 1) for n in shape), indexing="ij"), -1).reshape(-1, 3)
    both = [corners @ form[:3, :3].T + form[:3, 3] for form in (one, other)]
    # A shift alone, as between a scanner's and a template's origin, says nothing about the axes.
    difference = both[0] - both[1]
    return float(np.linalg.norm(difference - difference.mean(axis=0), axis=1).max())


def _axes(affine: np.ndarray) -> tuple[Any, ...]:
    from nibabel import aff2axcodes

    return aff2axcodes(affine) if np.isfinite(affine).all() else ()
