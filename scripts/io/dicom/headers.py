"""The headers of DICOM files: which files are DICOM, and what is read of each before a series is chosen."""

from __future__ import annotations

from pathlib import Path
from typing import Any

PREAMBLE = 128
FIRST_GROUPS = (b"\x02\x00", b"\x08\x00")
"""Groups that the first element of a file without a preamble has, little endian."""

IDENTITY = (
    *("PatientName", "PatientID", "PatientBirthDate", "StudyInstanceUID", "StudyDate", "StudyTime"),
    *("SeriesInstanceUID", "SeriesNumber", "SOPClassUID", "SOPInstanceUID", "FrameOfReferenceUID", "Modality"),
)
DESCRIPTION = (
    *("SeriesDescription", "ProtocolName", "SequenceName", "ImageType", "ScanningSequence", "SequenceVariant"),
    *("ScanOptions", "AngioFlag", "ContrastBolusAgent", "EchoTime", "InversionTime", "RepetitionTime"),
    *("DiffusionBValue", "TemporalPositionIdentifier", "MRAcquisitionType"),
)
GEOMETRY = (
    *("Rows", "Columns", "SamplesPerPixel", "NumberOfFrames", "PixelSpacing", "SliceThickness"),
    *("ImageOrientationPatient", "ImagePositionPatient", "LossyImageCompression", "RescaleSlope", "RescaleIntercept"),
)
SEQUENCES = (
    "PerFrameFunctionalGroupsSequence",
    "SharedFunctionalGroupsSequence",
    "EncryptedAttributesSequence",
)
SIEMENS = (0x00291010, 0x00290010, 0x00191018, 0x00190010)
"""Private elements that say how a mosaic of Siemens lies in space."""

TAGS: list[Any] = [*IDENTITY, *DESCRIPTION, *GEOMETRY, *SEQUENCES, *SIEMENS]
"""Only these are read of a file before one series is chosen."""


def is_dicom(file: Path) -> bool:
    """Whether a file begins as DICOM does, with or without a preamble, whatever its name; False if it can't be read."""
    try:
        with file.open("rb") as content:
            start = content.read(PREAMBLE + 4)
    except OSError:
        return False
    if start[PREAMBLE:] == b"DICM":
        return True
    # Without a preamble: a low element of the first groups, then its value's type or a short length.
    known = start[:2] in FIRST_GROUPS and start[3:4] == b"\x00"
    return known and (start[4:6].isalpha() or int.from_bytes(start[4:8], "little") <= PREAMBLE)


def read_header(file: Path) -> Any | None:
    """Return the header of a file as pydicom's data set; None if it is no DICOM image, or broken."""
    import pydicom

    try:
        header = pydicom.dcmread(file, stop_before_pixels=True, specific_tags=TAGS, force=True)
    except Exception:  # pydicom raises many kinds of errors
        return None
    return header if "SeriesInstanceUID" in header else None  # a DICOMDIR has none
