"""Which files of a folder are scans, and the names of subject and case that their paths give (BIDS or not)."""

from __future__ import annotations

import os
import re
from pathlib import Path

from ..io.dicom import is_dicom
from ..io.nifti import SUFFIXES
from ..io.png import PICTURES
from .scan import Scan

NO_SCANS = ("mask", "dseg", "probseg")
"""BIDS suffixes of segmentations, which are no scans."""


def find_scans(path: Path) -> list[Path]:
    """List the scans at a path: NIfTI files and folders of DICOM files, or pictures if a folder holds nothing else.

    Derivatives of BIDS, segmentations beside a scan and hidden files are left out.

    Args:
        path: a folder, searched at any depth; a file, which is the scan itself; or a DICOM file, which stands for its
            folder.
    """
    if path.is_file():
        return [path.parent if is_dicom(path) else path]
    scans: list[Path] = []
    for name, folders, names in os.walk(path):  # follows no links to folders, which could form a loop
        folders[:] = sorted(f for f in folders if f != "derivatives" and not f.startswith("."))
        folder = Path(name)
        files = [folder / n for n in sorted(names) if not n.startswith(".") and not _is_derived(n)]
        files = [file for file in files if file.is_file()]
        nifti = [file for file in files if file.name.endswith(SUFFIXES)]
        dicom = not nifti and any(map(is_dicom, files))
        scans += nifti or ([folder] if dicom else [file for file in files if file.suffix.lower() in PICTURES])
    return scans


def _is_derived(name: str) -> bool:
    """Whether the name of a file says that it was made from a scan: by ``desc-``, or a suffix of a segmentation."""
    _, underscore, suffix = stem(Path(name)).rpartition("_")
    return "desc-" in name or bool(underscore and suffix in NO_SCANS)


def stem(path: Path) -> str:
    """Return the name of a file or folder without the suffix of an image."""
    return re.sub(r"(\.nii)?(\.gz)?(\.dcm|\.png)?$", "", path.name)


def subject_name(image: Path) -> str:
    """Return the BIDS subject of a path (``sub-…``), else the name of the file."""
    subjects = re.findall(r"sub-[A-Za-z0-9]+", str(image))
    return subjects[-1] if subjects else stem(image)


def name_cases(scans: list[Scan]) -> list[Scan]:
    """Name every case by its file; if two files have the same name, by their folders, too.

    Args:
        scans: with ``image``; they get ``case``.

    Returns:
        The same list.
    """
    names = [stem(Path(scan["image"])) for scan in scans]
    for scan, name in zip(scans, names, strict=True):
        folders = "_".join(Path(scan["image"]).parts[-3:-1])
        scan["case"] = name if names.count(name) == 1 else f"{folders}_{name}"
    return scans
