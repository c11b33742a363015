"""The report as a DICOM encapsulated PDF."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from .codes import DESCRIPTION, MAKER
from .uids import object_uid

SERIES_NUMBER = 9103
COPIED = (
    *("PatientName", "PatientID", "PatientBirthDate", "PatientSex", "StudyInstanceUID", "StudyID", "StudyDate"),
    *("StudyTime", "AccessionNumber", "ReferringPhysicianName", "SpecificCharacterSet"),
)
"""Attributes of patient and study that are copied."""


def pdf_object(content: bytes, result: Mapping[str, Any], slices: Sequence[Any]) -> Any:
    """Encapsulate a PDF.

    Args:
        content: the PDF.
        result: that it shows.
        slices: DICOM data sets of the scored series. Its patient and study modules are copied from them.
    """
    from pydicom.dataset import Dataset, FileMetaDataset
    from pydicom.uid import EncapsulatedPDFStorage, ExplicitVRLittleEndian

    pdf, now = Dataset(), datetime.now()
    pdf.file_meta = FileMetaDataset()
    pdf.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    pdf.file_meta.MediaStorageSOPClassUID = pdf.SOPClassUID = EncapsulatedPDFStorage
    pdf.file_meta.MediaStorageSOPInstanceUID = pdf.SOPInstanceUID = object_uid("PDF", result, slices)
    for name in COPIED:
        setattr(pdf, name, slices[0].get(name, "") if name != "SpecificCharacterSet" else "ISO_IR 192")
    pdf.SeriesInstanceUID = object_uid("PDF series", result, slices)
    pdf.SeriesNumber, pdf.InstanceNumber = SERIES_NUMBER, 1
    pdf.Modality, pdf.ConversionType, pdf.Manufacturer = "DOC", "WSD", MAKER
    pdf.SeriesDescription, pdf.DocumentTitle = DESCRIPTION, DESCRIPTION
    pdf.ContentDate, pdf.ContentTime = now.strftime("%Y%m%d"), now.strftime("%H%M%S")
    pdf.AcquisitionDateTime = ""
    pdf.ConceptNameCodeSequence = []
    pdf.BurnedInAnnotation = "NO"
    pdf.MIMETypeOfEncapsulatedDocument = "application/pdf"
    pdf.SourceInstanceSequence = []
    for source in slices:
        reference = Dataset()
        reference.ReferencedSOPClassUID, reference.ReferencedSOPInstanceUID = source.SOPClassUID, source.SOPInstanceUID
        pdf.SourceInstanceSequence.append(reference)
    pdf.EncapsulatedDocument = content + b"\0" * (len(content) % 2)
    pdf.EncapsulatedDocumentLength = len(content)
    return pdf
