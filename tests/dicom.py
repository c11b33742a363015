"""Write a volume as a DICOM series, as a scanner does: one file for each slice, with names in no order."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
from pydicom.dataset import FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, MRImageStorage, generate_uid

STUDY_UID = "1.2.826.0.1.3680043.8.498.7"
"""All series are of one study, if not said otherwise."""


def write_series(
    array: np.ndarray,
    affine: np.ndarray,
    folder: Path,
    leave_out: Sequence[int] = (),
    again: Sequence[int] = (),
    **tags: Any,
) -> None:
    """Write ``array`` (X, Y, Z) with ``affine`` (voxel → RAS mm) to ``folder``; values are stored as 12 bit.

    Args:
        array: the volume.
        affine: its affine.
        folder: made if it is missing; several series may share it.
        leave_out: indices of slices that are missing.
        again: indices of slices that are written twice.
        tags: DICOM keywords with other values; None removes the keyword.
    """
    folder.mkdir(parents=True, exist_ok=True)
    lps = np.diag([-1.0, -1.0, 1.0, 1.0]) @ affine
    spacing = np.linalg.norm(lps[:3, :3], axis=0)
    slope = float(array.max()) / 4095
    stored = np.round(array / slope).astype(np.uint16)
    series, frame = generate_uid(), generate_uid()
    for index in [*(i for i in range(array.shape[2]) if i not in leave_out), *again]:
        file = pydicom.Dataset()
        file.file_meta = FileMetaDataset()
        file.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
        file.file_meta.MediaStorageSOPClassUID = file.SOPClassUID = MRImageStorage
        file.file_meta.MediaStorageSOPInstanceUID = file.SOPInstanceUID = generate_uid()
        file.SeriesInstanceUID, file.StudyInstanceUID, file.FrameOfReferenceUID = series, STUDY_UID, frame
        file.Modality, file.PatientName, file.PatientID = "MR", "Phantom^None", "0"
        file.InstanceNumber, file.SeriesNumber = index + 1, 1
        file.Rows, file.Columns = array.shape[1], array.shape[0]
        # A DICOM row runs along the first axis of the array, a column along the second.
        file.ImageOrientationPatient = [*(lps[:3, 0] / spacing[0]), *(lps[:3, 1] / spacing[1])]
        file.ImagePositionPatient = list(lps[:3, 3] + index * lps[:3, 2])
        file.PixelSpacing = [spacing[1], spacing[0]]
        file.SliceThickness = spacing[2]
        file.SamplesPerPixel, file.PhotometricInterpretation = 1, "MONOCHROME2"
        file.BitsAllocated, file.BitsStored, file.HighBit, file.PixelRepresentation = 16, 12, 11, 0
        file.RescaleSlope, file.RescaleIntercept = slope, 0
        file.PixelData = stored[:, :, index].T.tobytes()
        for name, value in tags.items():
            if value is None:
                file.pop(name, None)
            else:
                setattr(file, name, value)
        # No suffix, no order of names, and no two series or copies under one name.
        name = f"IM{len(list(folder.iterdir())):04d}{(index * 7919) % 10007:05d}"
        file.save_as(folder / name[::-1], enforce_file_format=True)
