"""MONAI Deploy runs the application: SEG and SR are valid and agree with ``bundle predict``."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest

from bundle.predict.pipeline import Pipeline
from scripts.io.dicom import chosen_series
from scripts.results.bands import BANDS
from tests.conftest import ROOT
from tests.dicom import write_series
from tests.heads import make_head
from tests.hosts import host_python, reason

PYTHON = host_python("deploy", "monai.deploy")
pytestmark = [pytest.mark.slow, pytest.mark.skipif(not PYTHON, reason=reason("deploy"))]

PATIENT = {"PatientName": "Tester^Anna", "PatientID": "4711", "PatientBirthDate": "20260102", "PatientSex": "F"}
STUDY = {
    **PATIENT,
    "StudyDate": "20260110",
    "StudyTime": "120000",
    "StudyID": "1",
    "AccessionNumber": "A1",
    "ReferringPhysicianName": "",
    "SeriesDescription": "T2w axial",
}


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A study of one MR series of a head with a lesion in its left hemisphere, a localiser, and a CT."""
    folder = tmp_path_factory.mktemp("study")
    head = make_head("LPS", yaw=4, voxel=(2.0, 2.0, 2.5), noise=0.02, lesion="left")
    array, affine = head.image[0].numpy(), head.image.affine.numpy()
    write_series(array, affine, folder / "a", SeriesNumber=3, **STUDY)
    write_series(array[..., :4], affine, folder / "b", **{**STUDY, "SeriesDescription": "Localizer"})
    write_series(array[..., :9], affine, folder / "c", **{**STUDY, "Modality": "CT"})
    return folder


@pytest.fixture(scope="module")
def predicted(study: Path) -> dict[str, Any]:
    data, _, error = Pipeline({"device": "cpu"})({"image": str(study / "a")})
    assert error is None
    return data


@pytest.fixture(scope="module")
def out(study: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("out")
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "CUDA_VISIBLE_DEVICES": ""}
    command = [PYTHON, "-m", "bundle.deploy", "-i", str(study), "-o", str(folder)]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-6000:]
    assert (folder / "scores.json").exists(), done.stdout[-3000:] + done.stderr[-6000:]
    return folder


@pytest.fixture(scope="module")
def read(out: Path) -> dict[str, Any]:
    command = [PYTHON, str(Path(__file__).with_name("read_back.py")), str(out)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-6000:]
    return json.loads(done.stdout.splitlines()[-1])


def test_the_json_agrees_with_predict(out: Path, predicted: dict[str, Any]) -> None:
    result, expected = json.loads((out / "scores.json").read_text()), predicted["result"]
    assert result["score"] == pytest.approx(expected["score"], abs=1e-3)
    assert result["side"] == expected["side"] == "left"
    assert "not for clinical use" in result["note"]


def test_the_segmentation_has_the_voxels_of_predict(out: Path, read: dict, predicted: dict, study: Path) -> None:
    assert read["labels"] == list(BANDS)
    files = chosen_series(study / "a")[0].files
    order = {str(pydicom.dcmread(file, stop_before_pixels=True).SOPInstanceUID): k for k, file in enumerate(files)}
    frames = np.load(out / "frames.npy")
    expected = predicted["pred"].as_tensor()[0].permute(2, 1, 0).numpy()
    expected = expected[[order[uid] for uid in read["sources"]]]
    differ = float((frames != expected)[(frames > 0) | (expected > 0)].mean())
    print("bands differ in", differ, "of", int((expected > 0).sum()), "voxels")
    assert (expected > 0).any() and differ <= 0.005
    assert expected.sum() == predicted["pred"].as_tensor().sum(), "no band on a slice that the SEG does not reference"


def test_the_side_is_that_of_the_patient(out: Path) -> None:
    seg = pydicom.dcmread(out / "asymmetry_seg.dcm")
    pixels = seg.pixel_array
    places = []
    for frame, group in zip(pixels, seg.PerFrameFunctionalGroupsSequence, strict=True):
        corner = np.array(group.PlanePositionSequence[0].ImagePositionPatient, dtype=float)
        shared = seg.SharedFunctionalGroupsSequence[0]
        turn = np.array(shared.PlaneOrientationSequence[0].ImageOrientationPatient, dtype=float)
        step = np.array(shared.PixelMeasuresSequence[0].PixelSpacing, dtype=float)
        rows, columns = np.nonzero(frame)
        places.append(corner + columns[:, None] * step[1] * turn[:3] + rows[:, None] * step[0] * turn[3:])
    centre = np.concatenate(places).mean(0)
    print("centre of the segments in LPS mm", centre)
    assert centre[0] > 0, "L grows to the patient's left"


def test_the_report_measures(out: Path, read: dict[str, Any]) -> None:
    result = json.loads((out / "scores.json").read_text())
    assert read["measurements"]["Asymmetry score of the scan, a probability"] == pytest.approx(
        result["score"], abs=1e-5
    )
    assert read["evaluations"]["Side of the asymmetry, by the affine"] == "Left"
    report = pydicom.dcmread(out / "asymmetry_sr.dcm")
    text = report.to_json()
    assert result["sha256"]["model.pt"] in text and result["versions"]["neonatal_brain_symmetry"] in text
    assert "1500" in text, "the template"
    assert "not for clinical use" in text


def test_every_object_names_patient_source_and_purpose(out: Path, study: Path) -> None:
    source = pydicom.dcmread(chosen_series(study / "a")[0].files[0])
    objects = [pydicom.dcmread(file) for file in sorted(out.glob("*.dcm"))]
    assert len(objects) >= 2
    assert len({str(each.SOPInstanceUID) for each in objects} | {str(source.SOPInstanceUID)}) == len(objects) + 1
    for each in objects:
        assert "not for clinical use" in each.SeriesDescription
        assert each.StudyInstanceUID == source.StudyInstanceUID
        assert each.SeriesInstanceUID != source.SeriesInstanceUID
        assert str(source.SOPInstanceUID) in str(each)
        assert {key: str(each[key].value) for key in PATIENT} == PATIENT


def test_only_the_dicom_objects_name_the_patient(out: Path) -> None:
    for file in (out / "scores.json", out / "report.html"):
        text = file.read_text()
        assert not [value for value in ("Tester", "Anna", "4711", "20260102") if re.search(rf"\b{value}\b", text)]
        assert "not for clinical use" in text


def test_the_report_is_a_pdf_if_a_browser_is_installed(out: Path) -> None:
    if not any(shutil.which(name) for name in ("chromium", "chromium-browser", "google-chrome")):
        pytest.skip("no browser to print the report with")
    content = pydicom.dcmread(out / "report_pdf.dcm").EncapsulatedDocument
    assert content.startswith(b"%PDF")


def test_dciodvfy_finds_no_error(out: Path) -> None:
    checker = os.environ.get("DCIODVFY") or shutil.which("dciodvfy")
    if not checker:
        pytest.skip("dciodvfy isn't installed: apt-get install dicom3tools, or name it in DCIODVFY")
    for file in sorted(out.glob("*.dcm")):
        done = subprocess.run([checker, str(file)], capture_output=True, text=True, check=False)
        errors = [line for line in (done.stdout + done.stderr).splitlines() if line.startswith("Error")]
        print(file.name, len(errors), "errors")
        assert not errors, f"{file.name}: {errors}"


def test_the_folder_for_the_packager_runs(study: Path, out: Path, tmp_path: Path) -> None:
    subprocess.run(["bash", ROOT / "container" / "map.sh", tmp_path / "map"], check=True)
    environment = {**os.environ, "CUDA_VISIBLE_DEVICES": "", "HOLOSCAN_MODEL_PATH": str(tmp_path)}
    command = [PYTHON, str(tmp_path / "map"), "-i", str(study), "-o", str(tmp_path / "out")]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-6000:]
    scores = [json.loads((folder / "scores.json").read_text()) for folder in (out, tmp_path / "out")]
    assert scores[0]["score"] == pytest.approx(scores[1]["score"], abs=1e-6)
