"""Write a volume as a DICOM series, as a scanner would: one file for each slice, in no order of names."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pydicom
from pydicom.dataset import FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, MRImageStorage, generate_uid


def write_series(array: np.ndarray, affine: np.ndarray, folder: Path) -> None:
    """Write ``array`` (X, Y, Z) with ``affine`` (voxel → RAS mm) to ``folder``; values are stored as 12 bit."""
    folder.mkdir(parents=True)
    lps = np.diag([-1.0, -1.0, 1.0, 1.0]) @ affine
    spacing = np.linalg.norm(lps[:3, :3], axis=0)
    slope = float(array.max()) / 4095
    stored = np.round(array / slope).astype(np.uint16)
    series, study, frame = generate_uid(), generate_uid(), generate_uid()
    for index in range(array.shape[2]):
        file = pydicom.Dataset()
        file.file_meta = FileMetaDataset()
        file.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
        file.file_meta.MediaStorageSOPClassUID = file.SOPClassUID = MRImageStorage
        file.file_meta.MediaStorageSOPInstanceUID = file.SOPInstanceUID = generate_uid()
        file.SeriesInstanceUID, file.StudyInstanceUID, file.FrameOfReferenceUID = series, study, frame
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
        file.save_as(folder / f"IM{(index * 7919) % 10007:05d}", enforce_file_format=True)
