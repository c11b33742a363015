"""The DICOM series of a folder: which one is scored, and its slices in the order of their positions."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from .errors import ScanError

FEWEST_SLICES = 8
"""A series with fewer slices is a localiser or a key image."""

NOT_A_SCAN = re.compile(r"locali[sz]er|scout|survey|\bloc\b|projection|\bmip\b|screen", re.IGNORECASE)
"""Words in ``ImageType`` or ``SeriesDescription`` of images that only plan a scan or show its result."""

UNEVEN = 0.1
"""Slices are missing if the distances of neighbours differ by more than this share of their median."""

LOSSY = ("1.2.840.10008.1.2.4.50", "1.2.840.10008.1.2.4.51", "1.2.840.10008.1.2.4.81")
"""Transfer syntaxes that are always lossy: JPEG with 8 and 12 bits, and near-lossless JPEG-LS."""

SAME_POSITION = 0.01
"""Slices whose distance is below this share of the median distance lie at the same position."""

TAGS = (
    *("SOPClassUID", "SOPInstanceUID", "SeriesInstanceUID", "SeriesNumber", "SeriesDescription", "Modality"),
    *("ImageType", "EchoTime", "NumberOfFrames", "Rows", "Columns", "PixelSpacing", "LossyImageCompression"),
    *("ImageOrientationPatient", "ImagePositionPatient", "PatientName", "PatientID", "PatientBirthDate"),
    *("SliceThickness", "EncryptedAttributesSequence"),
)
"""Only these are read of a file before one series is chosen."""


class Series(NamedTuple):
    """One DICOM series.

    Attributes:
        number: that the scanner gave it.
        files: one for each slice, in the order of their positions: rising along the cross product of row and column.
        voxel: sides of a pixel (along a column, along a row) and the distance of neighbouring slices, mm.
        duplicates: number of files left out since another lies at the same position.
        gap: share of the slices' distance that no slice covers, 0 to 1; 0 if their thickness is not known.
        lossy: whether the pixels were compressed with loss.
        code: why it can't be scored, see ``ScanError``; "" if it can.
        why: the same as a sentence.
    """

    number: int
    files: tuple[Path, ...]
    voxel: tuple[float, float, float]
    duplicates: int
    gap: float
    lossy: bool
    code: str
    why: str


def is_dicom(file: Path) -> bool:
    """Whether a file begins as DICOM does, whatever its name; False if it can't be read."""
    try:
        with file.open("rb") as content:
            return content.read(132)[128:] == b"DICM"
    except OSError:
        return False


def find_series(folder: Path) -> list[Series]:
    """List the DICOM series of a folder, the one to be scored first.

    A series can be scored if its modality is MR, it is not described as a localiser or a projection, it has eight
    slices or more, all of one size and orientation, and no slice is missing. Of several, the one with the smallest
    longest voxel side comes first, then the one with the most slices, then the one with the lowest number.

    Args:
        folder: with DICOM files, whatever their names. Other files are passed over.
    """
    import pydicom

    groups: dict[tuple[str, str], list[tuple[Path, Any]]] = {}
    for file in sorted(path for path in folder.iterdir() if path.is_file()):
        try:
            header = pydicom.dcmread(file, stop_before_pixels=True, specific_tags=list(TAGS))
        except Exception:  # no DICOM, or broken: pydicom raises many kinds of errors
            continue
        if "SeriesInstanceUID" in header:  # a DICOMDIR has none
            groups.setdefault((str(header.SeriesInstanceUID), str(header.get("EchoTime"))), []).append((file, header))
    series = [_series(slices) for slices in groups.values()]
    return sorted(series, key=lambda s: (bool(s.code), max(s.voxel), -len(s.files), s.number))


def chosen_series(folder: Path) -> tuple[Series, list[Series]]:
    """Return the series of a folder that is scored, and the others.

    Raises:
        ScanError: if no series can be scored, with the reason of the largest.
    """
    series = find_series(folder)
    if not series:
        raise ScanError("unreadable", f"{folder.name}: no DICOM file in it can be read. Copy the series again.")
    if series[0].code:
        largest = max(series, key=lambda s: len(s.files))
        rest = f" None of the other {len(series) - 1} series can be scored either." if len(series) > 1 else ""
        raise ScanError(largest.code, f"{folder.name}: {largest.why}{rest}")
    return series[0], series[1:]


def _series(slices: Sequence[tuple[Path, Any]]) -> Series:
    """Sort the slices of one series and judge it."""
    headers = [header for _, header in slices]
    files = tuple(file for file, _ in slices)
    first = headers[0]
    number = int(first.get("SeriesNumber") or 0)
    lossy = any(
        str(header.get("LossyImageCompression", "")) == "01" or str(header.file_meta.get("TransferSyntaxUID")) in LOSSY
        for header in headers
    )
    code, why = _unsuitable(headers)
    if code:
        return Series(number, files, (np.inf, np.inf, np.inf), 0, 0.0, lossy, code, f"series {number}: {why}")
    row_and_column = np.array(first.ImageOrientationPatient, dtype=float)
    through = np.cross(row_and_column[:3], row_and_column[3:])
    position = np.array([header.ImagePositionPatient for header in headers], dtype=float) @ through
    # Rising along the cross product of row and column, as scanners number an axial series.
    order = np.argsort(position, kind="stable")
    steps = np.diff(position[order])
    typical = float(np.median(steps[steps > 0])) if (steps > 0).any() else 0.0
    new = np.concatenate([[True], steps > SAME_POSITION * typical])
    kept = order[new]
    duplicates = len(order) - len(kept)
    uneven = np.abs(np.diff(position[kept]) - typical) > UNEVEN * typical
    if len(kept) < FEWEST_SLICES:
        code, why = "too_few_slices", f"{len(kept)} slices, expected {FEWEST_SLICES} or more. Is it a localiser?"
    elif duplicates >= len(kept):
        code = "not_3d"
        why = f"{len(order)} images at {len(kept)} positions, expected one volume. Export one of its volumes."
    elif uneven.any():
        code = "missing_slices"
        why = (
            f"slices are missing at {int(uneven.sum())} of {len(kept) - 1} steps (distances of {typical:.2f} mm, but "
            f"up to {np.diff(position[kept]).max():.2f} mm). Export the whole series again."
        )
    voxel = (float(first.PixelSpacing[0]), float(first.PixelSpacing[1]), typical)
    thickness = float(first.get("SliceThickness") or typical)
    gap = max(1 - thickness / typical, 0.0) if typical else 0.0
    text = f"series {number}: {why}" if why else ""
    return Series(number, tuple(files[k] for k in kept), voxel, duplicates, gap, lossy, code, text)


def _unsuitable(headers: Sequence[Any]) -> tuple[str, str]:
    """Why the headers of a series rule it out, as code and sentence; empty if they don't."""
    first = headers[0]
    description = " ".join([*map(str, first.get("ImageType") or []), str(first.get("SeriesDescription", ""))])
    sizes = {(header.get("Rows"), header.get("Columns"), str(header.get("PixelSpacing"))) for header in headers}
    geometry = ("ImageOrientationPatient", "ImagePositionPatient")
    if first.get("Modality") != "MR":
        return "not_mr", f"modality {first.get('Modality')}, expected MR. Give an MR series."
    if NOT_A_SCAN.search(description):
        return "localiser", "it is described as a localiser, a projection or a screen. Give the scan itself."
    if int(first.get("NumberOfFrames") or 1) > 1:
        return "multi_frame", "a multi-frame file, expected one file for each slice. Convert it to NIfTI (dcm2niix)."
    if any(header.get(tag) is None for header in headers for tag in geometry):
        if "EncryptedAttributesSequence" in first:
            return "encrypted", "its attributes are encrypted, the geometry among them. Export it without encryption."
        return "no_geometry", "its slices have no orientation or position. Export it again from the scanner or archive."
    if len(sizes) > 1 or not first.get("PixelSpacing"):
        return "uneven_slices", f"slices of {len(sizes)} sizes, expected one. Export one series."
    orientations = np.array([header.ImageOrientationPatient for header in headers], dtype=float)
    if np.abs(orientations - orientations[0]).max() > UNEVEN:
        return "uneven_slices", "slices of several orientations, expected one. It looks like a localiser."
    return "", ""
