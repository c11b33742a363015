"""The report as a DICOM encapsulated PDF."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from .codes import DESCRIPTION, MAKER

SERIES_NUMBER = 9103
COPIED = (
    *("PatientName", "PatientID", "PatientBirthDate", "PatientSex", "StudyInstanceUID", "StudyID", "StudyDate"),
    *("StudyTime", "AccessionNumber", "ReferringPhysicianName", "SpecificCharacterSet"),
)
"""Of the patient and the study."""


def pdf_object(content: bytes, slices: Sequence[Any]) -> Any:
    """Encapsulate a PDF.

    Args:
        content: the PDF.
        slices: DICOM data sets of the series that it is about; the patient and study modules are copied from them.
    """
    from pydicom.dataset import Dataset, FileMetaDataset
    from pydicom.uid import EncapsulatedPDFStorage, ExplicitVRLittleEndian, generate_uid

    made, now = Dataset(), datetime.now()
    made.file_meta = FileMetaDataset()
    made.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    made.file_meta.MediaStorageSOPClassUID = made.SOPClassUID = EncapsulatedPDFStorage
    made.file_meta.MediaStorageSOPInstanceUID = made.SOPInstanceUID = generate_uid()
    for name in COPIED:
        setattr(made, name, slices[0].get(name, "") if name != "SpecificCharacterSet" else "ISO_IR 192")
    made.SeriesInstanceUID, made.SeriesNumber, made.InstanceNumber = generate_uid(), SERIES_NUMBER, 1
    made.Modality, made.ConversionType, made.Manufacturer = "DOC", "WSD", MAKER
    made.SeriesDescription, made.DocumentTitle = DESCRIPTION, DESCRIPTION
    made.ContentDate, made.ContentTime = now.strftime("%Y%m%d"), now.strftime("%H%M%S")
    made.AcquisitionDateTime = ""
    made.ConceptNameCodeSequence = []
    made.BurnedInAnnotation = "NO"
    made.MIMETypeOfEncapsulatedDocument = "application/pdf"
    made.SourceInstanceSequence = []
    for one in slices:
        reference = Dataset()
        reference.ReferencedSOPClassUID, reference.ReferencedSOPInstanceUID = one.SOPClassUID, one.SOPInstanceUID
        made.SourceInstanceSequence.append(reference)
    made.EncapsulatedDocument = content + b"\0" * (len(content) % 2)
    made.EncapsulatedDocumentLength = len(content)
    return made
