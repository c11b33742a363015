"""Keep words that identify a patient out of file names."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from scripts.io.dicom import is_dicom

UID = re.compile(r"\d+(\.\d+){5,}")
MIN_LENGTH = 4
"""Parts of a name or number with fewer letters are not compared: they may be part of another word by chance."""


def names_a_person(path: Path, words: Sequence[str]) -> bool:
    """Return whether words hold a UID, or the name, number or birth date of the patient of a DICOM folder.

    A BIDS label (``sub-…``) is the user's own pseudonym. It is kept, unless it holds the patient's name.

    Args:
        path: of the scan.
        words: that would be shown.
    """
    if any(UID.search(word) for word in words):
        return True
    file = next((f for f in sorted(path.iterdir()) if is_dicom(f)), None) if path.is_dir() else None
    if file is None:
        return False
    import pydicom

    tags = ["PatientName", "PatientBirthDate", "PatientID"]
    try:
        header = pydicom.dcmread(file, stop_before_pixels=True, specific_tags=tags)
    except Exception:  # an unreadable file has no name to hide
        return False
    bids = all(word.startswith("sub-") for word in words)
    values = [str(header.get(tag, "")) for tag in (tags[:2] if bids else tags)]
    parts = [part.lower() for value in values for part in re.split(r"[^\w]+|_", value) if len(part) >= MIN_LENGTH]
    return any(part in word.lower() for part in parts for word in words)
