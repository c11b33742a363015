"""The verb predict: many kinds of inputs in one command, and the result of each."""

from __future__ import annotations

import json
import shutil
import socket
from pathlib import Path
from typing import Any

import nibabel as nib
import numpy as np
import pytest
from PIL import Image

from bundle.predict import DONE, NOTHING_DONE, SOME_FAILED, predict, run
from bundle.predict.inputs import find
from tests.conftest import INFERENCE, ROOT
from tests.dicom import write_series
from tests.heads import Head, make_head

pytestmark = pytest.mark.skipif(not (ROOT / "models" / "model.pt").exists(), reason="no trained weights here")

QUICK: dict[str, Any] = {"device": "cpu", "skull_strip": "learned", "spacing": [1.5, 1.5, 3.0]}


def save(head: Head, path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    nib.save(nib.Nifti1Image(1000 * head.image[0].numpy(), head.image.affine.numpy()), path)
    return path


def results_in(folder: Path) -> dict[str, dict[str, Any]]:
    results = (json.loads(file.read_text()) for file in folder.rglob("*_asymmetry.json"))
    return {result["case"]: result for result in results}


@pytest.fixture(scope="module")
def head() -> Head:
    return make_head("LPS", yaw=5, voxel=(2.5, 2.5, 2.5), noise=0.02, asymmetry=0.02, lesion="left")


@pytest.fixture(scope="module")
def scans(head: Head, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One head as NIfTI, compressed or not, in a BIDS tree, as DICOM without suffixes among other series, as PNG."""
    folder = tmp_path_factory.mktemp("scans")
    save(head, folder / "bids" / "sub-01" / "anat" / "sub-01_T2w.nii.gz")
    save(head, folder / "bids" / "derivatives" / "sub-01_T2w.nii.gz")
    save(head, folder / "a name, with 'quotes' [1].nii")
    array, affine = head.image[0].numpy(), head.image.affine.numpy()
    write_series(array, affine, folder / "study", SeriesNumber=3)
    write_series(array[:, :, :5], affine, folder / "study", SeriesNumber=1, SeriesDescription="Localizer")
    write_series(array, affine, folder / "study", SeriesNumber=7, Modality="CT")
    middle = np.rot90(head.brain[0].numpy()[::-1, ::-1, head.brain.shape[3] // 2])
    Image.fromarray((255 * middle / middle.max()).astype(np.uint8)).save(folder / "slice.png")
    return folder


@pytest.fixture(scope="module")
def predicted(scans: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, int]:
    out = tmp_path_factory.mktemp("out")
    inputs = [str(scans / "bids"), str(scans / "a name*"), str(scans / "study"), str(scans / "slice.png")]
    return out, run(inputs, out, settings=QUICK)


def test_every_kind_of_input_is_scored(predicted: tuple[Path, int]) -> None:
    out, code = predicted
    assert code == DONE
    results = results_in(out)
    assert set(results) == {"sub-01_T2w", "a name, with 'quotes' [1]", "study", "slice"}
    assert all(result["status"] in ("ok", "warning") for result in results.values())
    assert {result["seed"] for result in results.values()} == {0}
    volumes = [result for case, result in results.items() if case != "slice"]
    assert {result["side"] for result in volumes} == {"left"}
    assert results["slice"]["side"] == "unknown"
    assert "picture" in {reason["code"] for reason in results["slice"]["reasons"]}
    assert np.ptp([result["score"] for result in volumes]) < 1e-3
    for result in volumes:
        assert np.linalg.norm(np.array(result["peak_ras_mm"]) - [-24, -12, 8]) < 15


def test_the_best_series_is_chosen_and_the_others_are_listed(predicted: tuple[Path, int]) -> None:
    series = results_in(predicted[0])["study"]["series"]
    assert series["chosen"] == 3
    assert {each["series"] for each in series["others"]} == {1, 7}
    assert any("modality CT" in each["why"] for each in series["others"])


def test_the_files_of_the_derivative(predicted: tuple[Path, int]) -> None:
    out = predicted[0]
    names = {str(path.relative_to(out)) for path in out.rglob("*") if path.is_file()}
    for ending in ("asymmetry.json", "desc-asymmetry_map.nii.gz", "desc-brain_mask.nii.gz"):
        assert f"sub-01/sub-01_T2w_{ending}" in names
    assert {"dataset_description.json", "asymmetry.tsv", "asymmetry.json"} <= names
    assert not [name for name in names if "partial" in name]
    header, *rows = [line.split("\t") for line in (out / "asymmetry.tsv").read_text().splitlines()]
    assert set(header) == set(json.loads((out / "asymmetry.json").read_text()))
    assert {row[header.index("answer")] for row in rows} <= {"typical", "unusual", "very unusual", "unknown"}
    assert len(rows) == 4
    assert json.loads((out / "dataset_description.json").read_text())["DatasetType"] == "derivative"


def test_mask_and_map_lie_on_the_voxels_of_the_file(predicted: tuple[Path, int], scans: Path, head: Head) -> None:
    given = nib.load(scans / "bids" / "sub-01" / "anat" / "sub-01_T2w.nii.gz")
    for kind in ("desc-asymmetry_map", "desc-brain_mask"):
        written = nib.load(predicted[0] / "sub-01" / f"sub-01_T2w_{kind}.nii.gz")
        assert written.shape == given.shape
        np.testing.assert_allclose(written.affine, given.affine, atol=1e-4)
    mask, true = written.get_fdata() > 0, head.mask[0].numpy() > 0
    assert 2 * (mask & true).sum() / (mask.sum() + true.sum()) > 0.9


def test_a_failed_scan_does_not_stop_the_batch(scans: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bad = tmp_path / "bad.nii.gz"
    bad.write_bytes((scans / "bids" / "sub-01" / "anat" / "sub-01_T2w.nii.gz").read_bytes()[:5000])
    good = scans / "bids" / "sub-01"
    assert run([str(bad), str(good), "nowhere.nii"], tmp_path / "out", settings=QUICK) == SOME_FAILED
    results = results_in(tmp_path / "out")
    assert results["bad"]["status"] == "failed"
    assert results["bad"]["score"] is None
    assert results["bad"]["reasons"][0]["code"] == "unreadable"
    assert results["sub-01_T2w"]["status"] in ("ok", "warning")
    printed = capsys.readouterr()
    assert "Traceback" not in printed.out + printed.err
    assert "nowhere.nii: no such file" in printed.err
    assert run([str(bad)], tmp_path / "out", settings=QUICK) == NOTHING_DONE
    assert run(["nowhere.nii"], tmp_path / "out") == NOTHING_DONE


def test_resume_scores_only_new_and_changed_scans(scans: Path, head: Head, tmp_path: Path) -> None:
    folder, out = tmp_path / "scans", tmp_path / "out"
    shutil.copytree(scans / "bids", folder)
    second = save(head, folder / "sub-02" / "anat" / "sub-02_T2w.nii.gz")
    assert run([str(folder)], out, settings=QUICK) == DONE
    files = sorted(out.rglob("sub-0*_asymmetry.json"))
    before = [file.stat().st_mtime_ns for file in files]
    assert run([str(folder)], out, resume=True, settings=QUICK) == DONE
    assert [file.stat().st_mtime_ns for file in files] == before
    save(make_head("LPS", voxel=(2.5, 2.5, 2.5), noise=0.02), second)
    assert run([str(folder)], out, resume=True, settings=QUICK) == DONE
    assert [file.stat().st_mtime_ns == time for file, time in zip(files, before, strict=True)] == [True, False]


def test_monai_s_runner_gives_the_same_result(
    predicted: tuple[Path, int], scans: Path, tmp_path: Path, workflow: Any
) -> None:
    settings = {**QUICK, "device": "$torch.device('cpu')", "output_dir": str(tmp_path / "alone")}
    workflow(INFERENCE, "infer", dataset_dir=str(scans / "bids"), **settings).run()
    alone, results = results_in(tmp_path / "alone")["sub-01_T2w"], results_in(predicted[0])["sub-01_T2w"]
    assert alone == {key: results[key] for key in alone}


def test_no_network_is_needed(scans: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*arguments: Any, **options: Any) -> None:
        raise OSError("no network here")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    assert run([str(scans / "study")], tmp_path, settings=QUICK) == DONE


def test_no_patient_in_a_name(head: Head, tmp_path: Path) -> None:
    folder = tmp_path / "DOE_JANE_20240105"
    array, affine = head.image[0].numpy(), head.image.affine.numpy()
    write_series(array[..., :10], affine, folder, PatientName="Doe^Jane", PatientBirthDate="20240105")
    save(head, tmp_path / "1.2.840.113619.2.5.1762583153.nii.gz")
    (item,), problems = find([str(folder)])
    assert not problems
    assert item["case"].startswith("dicom-")
    assert "doe" not in json.dumps({k: v for k, v in item.items() if k != "image"}).lower()
    (item,), _ = find([str(tmp_path / "1.2*")])
    assert "1762583153" not in item["case"] + item["subject"]


@pytest.mark.parametrize(("options", "code"), [({"help": True}, DONE), ({}, NOTHING_DONE)])
def test_without_inputs_it_prints_its_help(options: Any, code: int, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        predict(**options)
    assert left.value.code == code
    assert "NIfTI files" in capsys.readouterr().out


def test_an_unknown_setting_is_named(scans: Path, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"no key skull_stripper.*skull_strip"):
        run([str(scans / "slice.png")], tmp_path, settings={"skull_stripper": "learned"})
