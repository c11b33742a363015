"""The DICOM series of a folder: which one is scored, and its slices in the order of their places."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from .errors import ScanError

FEWEST_SLICES = 8
"""A series of fewer is a localiser or a key image."""

NOT_A_SCAN = re.compile(r"locali[sz]er|scout|survey|\bloc\b|projection|\bmip\b|screen", re.IGNORECASE)
"""Said by ``ImageType`` or ``SeriesDescription`` of what only plans or shows."""

UNEVEN = 0.1
"""Distances of neighbouring slices that differ by more than this share of their median mean that some are missing."""

LOSSY = ("1.2.840.10008.1.2.4.50", "1.2.840.10008.1.2.4.51", "1.2.840.10008.1.2.4.81")
"""Transfer syntaxes that always lose something: JPEG of 8 and 12 bits, and near-lossless JPEG-LS."""

SAME_PLACE = 0.01
"""Slices nearer than this share of the distance lie at the same place."""

TAGS = (
    *("SOPClassUID", "SOPInstanceUID", "SeriesInstanceUID", "SeriesNumber", "SeriesDescription", "Modality"),
    *("ImageType", "EchoTime", "NumberOfFrames", "Rows", "Columns", "PixelSpacing", "LossyImageCompression"),
    *("ImageOrientationPatient", "ImagePositionPatient", "PatientName", "PatientID", "PatientBirthDate"),
    *("SliceThickness", "EncryptedAttributesSequence"),
)
"""All that is read of a file before one series is chosen."""


class Series(NamedTuple):
    """The slices of one series.

    Attributes:
        number: of the scanner.
        files: in order of their places, one for each.
        voxel: pixel sides and distance of the slices, mm.
        duplicates: how many more files there are for the same places.
        gap: share of the slices' distance that lies between them, where their thickness is told; else 0.
        lossy: whether a file says that it was compressed with loss, or is.
        code: why it can't be scored, see ``ScanError``; empty if it can.
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
    """Whether a file begins as DICOM does, whatever its name; False where it can't be read."""
    try:
        with file.open("rb") as content:
            return content.read(132)[128:] == b"DICM"
    except OSError:
        return False


def find_series(folder: Path) -> list[Series]:
    """Read which DICOM series lie in a folder, the one to be scored first.

    A series can be scored if its modality is MR, it does not call itself a localiser or a projection, has eight
    slices or more, all of one size and orientation, and none is missing. Of several, the one with the smallest longest
    voxel side comes first, then the one with the most slices, then the lowest number.

    Args:
        folder: with DICOM files, whatever their names.
    """
    import pydicom

    groups: dict[tuple[Any, ...], list[tuple[Path, Any]]] = {}
    for file in sorted(f for f in folder.iterdir() if f.is_file() and is_dicom(f)):
        try:
            header = pydicom.dcmread(file, stop_before_pixels=True, specific_tags=list(TAGS))
        except Exception:  # pydicom raises whatever a broken file makes it stumble over
            continue
        if "SeriesInstanceUID" in header:  # a DICOMDIR has none
            groups.setdefault((str(header.SeriesInstanceUID), str(header.get("EchoTime"))), []).append((file, header))
    found = [_series(slices, folder.name) for slices in groups.values()]
    return sorted(found, key=lambda one: (bool(one.code), max(one.voxel), -len(one.files), one.number))


def chosen_series(folder: Path) -> tuple[Series, list[Series]]:
    """Return the series of a folder that is scored, and the others.

    Raises:
        ScanError: if there is none that can be, with the reason of the largest.
    """
    found = find_series(folder)
    if not found:
        raise ScanError("unreadable", f"{folder.name}: no DICOM file in it can be read. Copy the series again.")
    if found[0].code:
        largest = max(found, key=lambda one: len(one.files))
        rest = f" None of the other {len(found) - 1} series can be scored either." if len(found) > 1 else ""
        raise ScanError(largest.code, f"{folder.name}: {largest.why}{rest}")
    return found[0], found[1:]


def _series(slices: Sequence[tuple[Path, Any]], name: str) -> Series:
    header = slices[0][1]
    number = int(header.get("SeriesNumber") or 0)
    lossy = any(
        str(one.get("LossyImageCompression", "")) == "01" or str(one.file_meta.get("TransferSyntaxUID")) in LOSSY
        for _, one in slices
    )
    files = tuple(file for file, _ in slices)
    code, why = _unsuitable([one for _, one in slices])
    if code:
        return Series(number, files, (np.inf, np.inf, np.inf), 0, 0.0, lossy, code, f"series {number}: {why}")
    turn = np.array(header.ImageOrientationPatient, dtype=float)
    place = np.array([one.ImagePositionPatient for _, one in slices], dtype=float) @ np.cross(turn[:3], turn[3:])
    # Rising along the cross product of row and column, as scanners number an axial series.
    order = np.argsort(place, kind="stable")
    steps = np.diff(place[order])
    typical = float(np.median(steps[steps > 0])) if (steps > 0).any() else 0.0
    new = np.concatenate([[True], steps > SAME_PLACE * typical])
    kept = order[new]
    duplicates = len(order) - len(kept)
    uneven = np.abs(np.diff(place[kept]) - typical) > UNEVEN * typical
    if len(kept) < FEWEST_SLICES:
        code, why = "too_few_slices", f"{len(kept)} slices, expected {FEWEST_SLICES} or more. Is it a localiser?"
    elif duplicates >= len(kept):
        code = "not_3d"
        why = f"{len(order)} images at {len(kept)} places, expected one volume. Export one of its volumes."
    elif uneven.any():
        code = "missing_slices"
        why = (
            f"slices are missing at {int(uneven.sum())} of {len(kept) - 1} steps (distances of {typical:.2f} mm, but "
            f"up to {np.diff(place[kept]).max():.2f} mm). Export the whole series again."
        )
    voxel = (float(header.PixelSpacing[0]), float(header.PixelSpacing[1]), typical)
    thickness = float(header.get("SliceThickness") or typical)
    gap = max(1 - thickness / typical, 0.0) if typical else 0.0
    text = f"series {number}: {why}" if why else ""
    return Series(number, tuple(files[k] for k in kept), voxel, duplicates, gap, lossy, code, text)


def _unsuitable(headers: Sequence[Any]) -> tuple[str, str]:
    """Why the headers of a series rule it out, as code and sentence; empty if they don't."""
    first = headers[0]
    said = " ".join([*map(str, first.get("ImageType") or []), str(first.get("SeriesDescription", ""))])
    size = {(one.get("Rows"), one.get("Columns"), str(one.get("PixelSpacing"))) for one in headers}
    if first.get("Modality") != "MR":
        return "not_mr", f"modality {first.get('Modality')}, expected MR. Give an MR series."
    if NOT_A_SCAN.search(said):
        return "localiser", "it calls itself a localiser, a projection or a screen. Give the scan itself."
    if int(first.get("NumberOfFrames") or 1) > 1:
        return "multi_frame", "a multi-frame file, expected one file for each slice. Convert it to NIfTI (dcm2niix)."
    if any(one.get(tag) is None for one in headers for tag in ("ImageOrientationPatient", "ImagePositionPatient")):
        if "EncryptedAttributesSequence" in first:
            return "encrypted", "its attributes are encrypted, the geometry among them. Export it without encryption."
        return "no_geometry", "no orientation or position of its slices. Export it again from the scanner or archive."
    if len(size) > 1 or not first.get("PixelSpacing"):
        return "uneven_slices", f"slices of {len(size)} sizes, expected one. Export one series."
    turns = np.array([one.ImageOrientationPatient for one in headers], dtype=float)
    if np.abs(turns - turns[0]).max() > UNEVEN:
        return "uneven_slices", "slices of several orientations, expected one. It looks like a localiser."
    return "", ""
