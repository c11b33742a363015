"""What the DICOM objects need of the slices that they refer to: checked before a study is scored."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from scripts.io.errors import ScanError

from .uids import uid_of

NEEDED = ("StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID", "SOPClassUID")
"""Without these, no object can refer to a slice."""

EMPTY = (
    *("PatientName", "PatientID", "PatientBirthDate", "PatientSex", "StudyID", "StudyDate", "StudyTime"),
    *("AccessionNumber", "ReferringPhysicianName", "Manufacturer"),
)
"""These stand empty where they are missing: DICOM allows it."""

UNICODE = "ISO_IR 192"


def complete(slices: Sequence[Any], thickness: float) -> None:
    """Fill in what may be missing of the data sets of a series, in place.

    A missing frame of reference gets one that is made of the series: the objects then overlay each other, and viewers
    that compare it with the slices may not overlay them. Texts become Unicode.

    Args:
        slices: changed.
        thickness: of a slice that does not say how thick it is, mm.

    Raises:
        ScanError: if identifiers are missing that nothing can stand in for, or two files have the same.
    """
    missing = [name for name in NEEDED if any(not slice_.get(name) for slice_ in slices)]
    if missing:
        raise ScanError(
            "no_identifiers",
            f"slices without {', '.join(missing)}: no DICOM object can refer to them. Export the series again from the "
            "scanner or archive.",
        )
    if len({slice_.SOPInstanceUID for slice_ in slices}) < len(slices):
        raise ScanError(
            "duplicate_uids",
            "slices of different places have the same SOPInstanceUID: no DICOM object can tell them apart. Export the "
            "series again from the scanner or archive.",
        )
    reference = uid_of("frame of reference", str(slices[0].SeriesInstanceUID))
    for slice_ in slices:
        slice_.decode()
        slice_.SpecificCharacterSet = UNICODE
        if not slice_.get("SliceThickness"):
            slice_.SliceThickness = round(thickness, 4)
        for name in EMPTY:
            if name not in slice_:
                setattr(slice_, name, "")
        if not slice_.get("FrameOfReferenceUID"):
            slice_.FrameOfReferenceUID = reference
