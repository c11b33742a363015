"""Studies as archives send them: ordinary ones, awkward ones, and ones that can't be scored."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pydicom
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, RLELossless, generate_uid

from tests.dicom import write_series
from tests.dicom_frames import write_enhanced, write_mosaic
from tests.heads import make_head

HEAD = make_head("LPS", yaw=3, voxel=(2.5, 2.5, 2.5), noise=0.02, lesion="left")
ARRAY, AFFINE = HEAD.image[0].numpy(), HEAD.image.affine.numpy()
T2 = {"SeriesDescription": "T2 tra", "SeriesNumber": 1}


class StudyCase(NamedTuple):
    """A row.

    Attributes:
        make: writes it into a folder.
        deploy: statuses of its studies in MONAI Deploy; "scored" is ok or warning, else the code of the failure.
        predict: the same of the scans of ``predict``; None if they are those of Deploy.
    """

    make: Callable[[Path], None]
    deploy: tuple[str, ...]
    predict: tuple[str, ...] | None = None


SCORED = ("scored",)


def series(array: np.ndarray = ARRAY, affine: np.ndarray = AFFINE, **tags: Any) -> Callable[[Path], None]:
    return lambda folder: write_series(array, affine, folder, **{**T2, **tags})


def all_of(*makes: Callable[[Path], None]) -> Callable[[Path], None]:
    def make(folder: Path) -> None:
        for one in makes:
            one(folder)

    return make


def in_folder(name: str, make: Callable[[Path], None]) -> Callable[[Path], None]:
    return lambda folder: make(folder / name)


def changed(change: Callable[[Any, int], None], make: Callable[[Path], None] | None = None) -> Callable[[Path], None]:
    """Change every data set of a study; ``change`` gets it and its number."""

    def made(folder: Path) -> None:
        (make or series())(folder)
        for number, file in enumerate(sorted(folder.iterdir())):
            dataset = pydicom.dcmread(file)
            change(dataset, number)
            dataset.save_as(file)

    return made


def without(keyword: str) -> Callable[[Path], None]:
    return series(**{keyword: None})


def same_instance(dataset: Any, number: int) -> None:
    dataset.SOPInstanceUID = "1.2.3.4.5"


def odd_charset(dataset: Any, number: int) -> None:
    dataset.SpecificCharacterSet = ["", "ISO 2022 IR 87"]
    dataset.PatientName = "Yamada^Tarou=山田^太郎=やまだ^たろう"


def rle(dataset: Any, number: int) -> None:
    dataset.compress(RLELossless, generate_instance_uid=False)


def other_objects(folder: Path) -> None:
    """A screen capture, a key note, a presentation state, a report and a PDF, as they lie between the slices."""
    kinds = {
        "OT": "1.2.840.10008.5.1.4.1.1.7",
        "KO": "1.2.840.10008.5.1.4.1.1.88.59",
        "PR": "1.2.840.10008.5.1.4.1.1.11.1",
        "SR": "1.2.840.10008.5.1.4.1.1.88.33",
        "DOC": "1.2.840.10008.5.1.4.1.1.104.1",
    }
    for modality, kind in kinds.items():
        file = Dataset()
        file.file_meta = FileMetaDataset()
        file.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
        file.file_meta.MediaStorageSOPClassUID = file.SOPClassUID = kind
        file.file_meta.MediaStorageSOPInstanceUID = file.SOPInstanceUID = generate_uid()
        file.PatientID, file.StudyInstanceUID = "0", "1.2.826.0.1.3680043.8.498.7"
        file.SeriesInstanceUID, file.Modality, file.SeriesNumber = generate_uid(), modality, 99
        file.save_as(folder / f"0{modality}", enforce_file_format=True)


def no_preamble(folder: Path) -> None:
    series()(folder)
    for file in folder.iterdir():
        dataset = pydicom.dcmread(file)
        del dataset.file_meta
        pydicom.dcmwrite(file, dataset, implicit_vr=True, little_endian=True)


def notes(folder: Path) -> None:
    folder.mkdir(parents=True)
    (folder / "notes.txt").write_text("no image")


def directory(folder: Path) -> None:
    (folder / "DICOMDIR").write_bytes(b"\0" * 128 + b"DICM")


def enhanced(folder: Path) -> None:
    write_enhanced(ARRAY, AFFINE, folder)


def mosaic(folder: Path) -> None:
    write_mosaic(ARRAY, AFFINE, folder)


TILT = np.array([[1.0, 0, 0, 0], [0, 1, 0.2, 0], [0, 0, 1, 0], [0, 0, 0, 1]])
FINE = AFFINE @ np.diag([1.0, 1.0, 0.5, 1.0])
TWICE = np.repeat(ARRAY, 2, axis=2)

STUDIES: dict[str, StudyCase] = {
    "plain": StudyCase(series(), SCORED),
    "t2_beside_a_finer_tof": StudyCase(
        all_of(series(), series(TWICE, FINE, SeriesDescription="TOF 3D", SeriesNumber=2)), SCORED
    ),
    "t1_and_t2_swi_and_adc": StudyCase(
        all_of(
            series(SeriesNumber=4),
            series(SeriesDescription="T1 mprage", SeriesNumber=1),
            series(SeriesDescription="SWI_Images", SeriesNumber=2),
            series(SeriesDescription="ep2d_diff ADC", SeriesNumber=3),
        ),
        SCORED,
    ),
    "ct_only": StudyCase(series(Modality="CT"), ("not_mr",)),
    "ct_beside_mr": StudyCase(all_of(series(), series(Modality="CT", SeriesNumber=2)), SCORED),
    "angiography_only": StudyCase(series(SeriesDescription="TOF"), ("not_anatomical",)),
    "localiser_only": StudyCase(series(SeriesDescription="3-plane localizer"), ("localiser",)),
    "few_slices": StudyCase(series(ARRAY[..., :5]), ("too_few_slices",)),
    "no_patient_id": StudyCase(without("PatientID"), SCORED),
    "no_patient_name": StudyCase(without("PatientName"), SCORED),
    "no_frame_of_reference": StudyCase(without("FrameOfReferenceUID"), SCORED),
    "no_study_uid": StudyCase(without("StudyInstanceUID"), ("no_identifiers",), SCORED),
    "no_description": StudyCase(without("SeriesDescription"), SCORED),
    "no_thickness": StudyCase(without("SliceThickness"), SCORED),
    "no_geometry": StudyCase(without("ImagePositionPatient"), ("no_geometry",)),
    "same_instance_uid": StudyCase(changed(same_instance), ("duplicate_uids",), SCORED),
    "two_patients": StudyCase(
        all_of(
            in_folder("a", series(PatientID="a")),
            in_folder("b", series(PatientID="b", StudyInstanceUID="1.2.3.9")),
        ),
        SCORED * 2,
    ),
    "two_patients_in_one_folder": StudyCase(
        all_of(series(PatientID="a"), series(PatientID="b", StudyInstanceUID="1.2.3.9")), SCORED * 2
    ),
    "three_time_points": StudyCase(
        all_of(
            *(in_folder(f"v{k}", series(StudyInstanceUID=f"1.2.3.{k}", StudyDate=f"2026010{k}")) for k in (1, 2, 3))
        ),
        SCORED * 3,
    ),
    "other_objects_between": StudyCase(all_of(series(), other_objects), SCORED),
    "a_dicomdir": StudyCase(all_of(series(), directory), SCORED),
    "no_preamble": StudyCase(no_preamble, SCORED),
    "odd_charset": StudyCase(changed(odd_charset), SCORED),
    "rle": StudyCase(changed(rle), SCORED),
    "interleaved_echoes": StudyCase(
        all_of(*(series(SeriesInstanceUID="1.2.3.7", EchoTime=echo) for echo in (20, 90))), SCORED
    ),
    "missing_slices": StudyCase(
        lambda folder: write_series(ARRAY, AFFINE, folder, leave_out=(10, 11)), ("missing_slices",)
    ),
    "gantry_tilted": StudyCase(series(affine=AFFINE @ TILT), SCORED),
    "decubitus": StudyCase(series(PatientPosition="HFDR"), SCORED),
    "feet_first_prone": StudyCase(series(PatientPosition="FFP"), SCORED),
    "enhanced": StudyCase(enhanced, SCORED),
    "mosaic": StudyCase(mosaic, ("mosaic",), SCORED),
    "an_odd_image": StudyCase(
        all_of(series(SeriesInstanceUID="1.2.3.8"), series(ARRAY[:20, :20, :1], SeriesInstanceUID="1.2.3.8")), SCORED
    ),
    "nothing": StudyCase(lambda folder: folder.mkdir(parents=True), ("unreadable",), ()),
    "no_dicom": StudyCase(notes, ("unreadable",), ()),
}
