"""The files of one subject of a cohort: two scans of a synthetic head, with their ground truth."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypedDict

import nibabel as nib
import numpy as np
import torch

from ..atomic_write import atomic_file, write_text
from .growth import TERM
from .head import make_head
from .scanner import ACQUISITIONS, ORIENTATIONS, Scan, acquire, draw_pose, nudge
from .template import Atlas

TRUTH = Path("derivatives") / "truth"
HEAD_SPACING = 0.7  # voxel size of the grid of a head, mm


class TruePlane(TypedDict):
    """The mid-sagittal plane of a scan.

    Attributes:
        point: (3,) a point of the plane, RAS+ mm.
        normal: (3,) its unit normal, which points to the patient's right, RAS+.
    """

    point: list[float]
    normal: list[float]


class CohortItem(TypedDict):
    """A scan in the datalist of a cohort.

    Attributes:
        image: path of the scan, relative to the cohort's folder.
        brain_mask: path of the true brain mask.
        subject: ``sub-…``; each has two scans.
        contrast: ``T1w``, ``T2w`` or ``random``.
        plane: the true mid-sagittal plane.
        asymmetry: level of natural asymmetry, a key of ``head.ASYMMETRY``.
        age_weeks: age at the scan, weeks after the last menstruation.
    """

    image: str
    brain_mask: str
    subject: str
    contrast: str
    plane: TruePlane
    asymmetry: str
    age_weeks: float


def draw_age(rng: np.random.Generator, ages: Sequence[float] = TERM) -> float:
    """Draw an age at the scan in weeks, rounded to a tenth, between two ages."""
    youngest, oldest = ages
    return round(float(rng.uniform(youngest, oldest)), 1)


def make_subject(root: Path, atlas: Atlas, number: int, training: bool, settings: dict[str, Any]) -> list[CohortItem]:
    """Write both scans of one subject, unless they exist already.

    Args:
        root: the cohort's folder.
        atlas: the template.
        number: 0-based subject number.
        training: every other training subject has a random contrast instead of T2w.
        settings: of the cohort, see ``cohort.make_cohort``.

    Returns:
        Two datalist items.
    """
    subject = f"sub-{number + 1:03d}"
    record = root / TRUTH / subject / "items.json"  # written last: it means that the subject is complete
    wanted = {k: v for k, v in settings.items() if k != "subjects"} | {"training": training}
    if record.exists():
        stored = json.loads(record.read_text())
        files = [root / item[key] for item in stored["items"] for key in ("image", "brain_mask")]
        if stored["settings"] == wanted and all(file.exists() for file in files):
            return stored["items"]
    for folder in (root / subject, root / TRUTH / subject):  # left by a cohort with other settings
        for stale in folder.glob("anat/*.nii.gz"):
            stale.unlink()
    rng = np.random.default_rng([settings["seed"], number])
    generator = torch.Generator().manual_seed(int(rng.integers(2**62)))
    spacing = settings["spacing"]
    age = draw_age(rng, settings["ages"])
    head = make_head(atlas, generator, max(HEAD_SPACING, float(spacing or 0)), settings["asymmetry"], age)
    pose = draw_pose(rng)
    items: list[CohortItem] = []
    for contrast in ("T1w", "random" if training and number % 2 else "T2w"):
        acquisition = str(rng.choice(list(ACQUISITIONS)))
        orientation = ORIENTATIONS[rng.integers(len(ORIENTATIONS))]
        scan = acquire(head, contrast, acquisition, orientation, pose, rng, spacing)
        stem = f"{subject}_acq-random_T2w" if contrast == "random" else f"{subject}_{contrast}"
        image = Path(subject) / "anat" / f"{stem}.nii.gz"
        mask = TRUTH / subject / "anat" / f"{stem}_desc-brain_mask.nii.gz"
        _write_nifti(root / image, scan.image, scan)
        _write_nifti(root / mask, scan.brain_mask, scan)
        items.append(
            {
                "image": image.as_posix(),
                "brain_mask": mask.as_posix(),
                "subject": subject,
                "contrast": contrast,
                "plane": {
                    "point": [round(float(v), 4) for v in scan.point],
                    "normal": [round(float(v), 6) for v in scan.normal],
                },
                "asymmetry": settings["asymmetry"],
                "age_weeks": age,
            }
        )
        pose = nudge(pose, rng)
    write_json(record, {"settings": wanted, "items": items})
    return items


def _write_nifti(path: Path, voxels: np.ndarray, scan: Scan) -> None:
    """Write voxels with sform and qform both set, atomically."""
    image = nib.Nifti1Image(voxels, scan.affine)
    image.set_sform(scan.affine, code=1)
    image.set_qform(scan.affine, code=1)
    image.header.set_xyzt_units("mm")
    image.header["descrip"] = b"SIMULATED, research use only"
    with atomic_file(path) as partial:
        nib.save(image, partial)


def write_json(path: Path, content: dict[str, Any]) -> None:
    """Write a JSON file atomically."""
    write_text(path, json.dumps(content, indent=1) + "\n")
