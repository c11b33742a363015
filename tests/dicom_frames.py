"""Write a volume as one DICOM file of many frames: enhanced MR, or a mosaic of Siemens."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import EnhancedMRImageStorage, ExplicitVRLittleEndian, MRImageStorage, generate_uid


def write_enhanced(array: np.ndarray, affine: np.ndarray, folder: Path, **tags: Any) -> Path:
    """Write ``array`` (X, Y, Z) with ``affine`` (voxel → RAS mm) as enhanced MR, its frames in no order.

    Args:
        array: the volume; every frame has a slope of its own.
        affine: its affine.
        folder: made if it is missing.
        tags: DICOM keywords with other values.
    """
    folder.mkdir(parents=True, exist_ok=True)
    lps, spacing = _lps(affine)
    file = _file(EnhancedMRImageStorage, array.shape[:2])
    order = np.random.default_rng(0).permutation(array.shape[2])
    file.NumberOfFrames = len(order)
    shared = Dataset()
    shared.PixelMeasuresSequence = [Dataset()]
    shared.PixelMeasuresSequence[0].PixelSpacing = [spacing[1], spacing[0]]
    shared.PixelMeasuresSequence[0].SliceThickness = spacing[2]
    shared.PlaneOrientationSequence = [Dataset()]
    shared.PlaneOrientationSequence[0].ImageOrientationPatient = [
        *(lps[:3, 0] / spacing[0]),
        *(lps[:3, 1] / spacing[1]),
    ]
    file.SharedFunctionalGroupsSequence = [shared]
    file.PerFrameFunctionalGroupsSequence = []
    stored = []
    for index in order:
        slope = max(float(array[:, :, index].max()), 1e-9) / 4095
        frame = Dataset()
        frame.PlanePositionSequence = [Dataset()]
        frame.PlanePositionSequence[0].ImagePositionPatient = list(lps[:3, 3] + index * lps[:3, 2])
        frame.PixelValueTransformationSequence = [Dataset()]
        frame.PixelValueTransformationSequence[0].RescaleSlope = slope
        frame.PixelValueTransformationSequence[0].RescaleIntercept = 0
        file.PerFrameFunctionalGroupsSequence.append(frame)
        stored.append(np.round(array[:, :, index] / slope).astype(np.uint16).T)
    file.PixelData = np.stack(stored).tobytes()
    return _save(file, folder, tags)


def write_mosaic(array: np.ndarray, affine: np.ndarray, folder: Path, **tags: Any) -> Path:
    """Write ``array`` (X, Y, Z) as Siemens does: all slices as the tiles of one picture.

    Args:
        array: the volume.
        affine: its affine, voxel → RAS mm.
        folder: made if it is missing.
        tags: DICOM keywords with other values.
    """
    folder.mkdir(parents=True, exist_ok=True)
    lps, spacing = _lps(affine)
    columns, rows, count = array.shape
    across = int(np.ceil(np.sqrt(count)))
    picture = np.zeros((across * rows, across * columns), np.uint16)
    slope = float(array.max()) / 4095
    for index in range(count):
        row, column = divmod(index, across)
        tile = np.round(array[:, :, index] / slope).astype(np.uint16).T
        picture[row * rows : (row + 1) * rows, column * columns : (column + 1) * columns] = tile
    file = _file(MRImageStorage, picture.shape[::-1])
    directions = lps[:3, :3] / spacing
    file.ImageOrientationPatient = [*directions[:, 0], *directions[:, 1]]
    # The position is that of the picture's corner, as if it were one slice around the same centre.
    shift = [(across - 1) * columns / 2, (across - 1) * rows / 2]
    file.ImagePositionPatient = list(lps[:3, 3] - shift[0] * lps[:3, 0] - shift[1] * lps[:3, 1])
    file.PixelSpacing, file.SliceThickness = [spacing[1], spacing[0]], spacing[2]
    file.SpacingBetweenSlices = spacing[2]
    file.ImageType = ["ORIGINAL", "PRIMARY", "M", "ND", "MOSAIC"]
    file.RescaleSlope, file.RescaleIntercept = slope, 0
    block = file.private_block(0x0029, "SIEMENS CSA HEADER", create=True)
    numbers = {"NumberOfImagesInMosaic": [count], "SliceNormalVector": list(directions[:, 2])}
    block.add_new(0x10, "OB", _csa({"AcquisitionMatrixText": [f"{rows}p*{columns}"], **numbers}))
    file.PixelData = picture.tobytes()
    return _save(file, folder, tags)


def _lps(affine: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    lps = np.diag([-1.0, -1.0, 1.0, 1.0]) @ affine
    return lps, np.linalg.norm(lps[:3, :3], axis=0)


def _file(kind: str, size: tuple[int, int]) -> Dataset:
    """The attributes that both have, for pictures of so many columns and rows."""
    file = Dataset()
    file.file_meta = FileMetaDataset()
    file.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    file.file_meta.MediaStorageSOPClassUID = file.SOPClassUID = kind
    file.file_meta.MediaStorageSOPInstanceUID = file.SOPInstanceUID = generate_uid()
    file.SeriesInstanceUID, file.StudyInstanceUID, file.FrameOfReferenceUID = (generate_uid() for _ in range(3))
    file.Modality, file.PatientName, file.PatientID, file.Manufacturer = "MR", "Phantom^None", "0", "SIEMENS"
    file.InstanceNumber, file.SeriesNumber, file.SeriesDescription = 1, 1, "t2 tra"
    file.Columns, file.Rows = size
    file.SamplesPerPixel, file.PhotometricInterpretation = 1, "MONOCHROME2"
    file.BitsAllocated, file.BitsStored, file.HighBit, file.PixelRepresentation = 16, 12, 11, 0
    return file


def _csa(fields: dict[str, list[Any]]) -> bytes:
    """The private header of Siemens (its second version) with some values."""
    content = b"SV10\4\3\2\1" + struct.pack("<2I", len(fields), 77)
    for name, values in fields.items():
        kind = {str: b"SH\0\0", int: b"US\0\0"}.get(type(values[0]), b"FD\0\0")
        content += struct.pack("<64si4s3i", name.encode(), len(values), kind, 0, len(values), 77)
        for value in values:
            text = (f"{value:.12f}" if isinstance(value, float) else str(value)).encode() + b"\0"
            content += struct.pack("<4i", len(text), len(text), 77, len(text)) + text + b"\0" * (-len(text) % 4)
    return content


def _save(file: Dataset, folder: Path, tags: dict[str, Any]) -> Path:
    for name, value in tags.items():
        setattr(file, name, value)
    path = folder / f"frames{len(list(folder.iterdir()))}"
    pydicom.dcmwrite(path, file, enforce_file_format=True)
    return path
