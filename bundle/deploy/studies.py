"""The DICOM files of a folder, by study."""

from __future__ import annotations

from pathlib import Path

from scripts.io.dicom import Study
from scripts.io.dicom.headers import read_header


def find_studies(folder: Path) -> dict[Study, list[Path]]:
    """List the files of every study below a folder; files that are no DICOM images are passed over.

    Args:
        folder: searched at any depth.

    Returns:
        The studies in the order of their first file.
    """
    found: dict[Study, list[Path]] = {}
    for file in sorted(path for path in folder.rglob("*") if path.is_file()):
        header = read_header(file)
        if header is not None:
            study = Study(str(header.get("PatientID", "")), str(header.get("StudyInstanceUID", "")))
            found.setdefault(study, []).append(file)
    return found
