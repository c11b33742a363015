"""DICOM studies: what is no anatomical scan is left out by name, and two patients in a folder are two scans."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from bundle.predict import DONE, NOTHING_DONE, run
from bundle.predict.left_out import leave_out
from tests.bundle.predict.test_predict import QUICK
from tests.dicom import write_series
from tests.heads import make_head


def scan() -> tuple[Any, Any]:
    head = make_head("LPS", yaw=3, voxel=(2.5, 2.5, 2.5), noise=0.02, lesion="left")
    return head.image[0].numpy(), head.image.affine.numpy()


def results(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(file.read_text()) for file in sorted(folder.rglob("*_asymmetry.json"))]


def test_what_is_no_anatomical_scan_is_left_out_by_name(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for number, description in enumerate(("T2 tra", "TOF 3D", "ADC", "Pha Images"), 1):
        write_series(*scan(), tmp_path / "in" / f"s{number}", SeriesNumber=number, SeriesDescription=description)
    assert run([str(tmp_path / "in")], tmp_path / "out", settings=QUICK, viewer=False) == DONE
    printed = capsys.readouterr().out
    assert [result["case"] for result in results(tmp_path / "out")] == ["s1"]
    for case, why in (("s2", "angiography"), ("s3", "diffusion"), ("s4", "phase")):
        assert f"left out {case}  {why}" in printed


def test_a_folder_is_left_out_only_if_none_of_its_series_is_anatomical(tmp_path: Path) -> None:
    array, affine = scan()
    write_series(array[..., :1], affine, tmp_path / "mixed", SeriesDescription="localizer")
    (first,) = (tmp_path / "mixed").iterdir()
    first.rename(tmp_path / "mixed" / "0")  # it is looked at first
    write_series(array, affine, tmp_path / "mixed", SeriesDescription="T2 tra")
    write_series(array, affine, tmp_path / "plain", SeriesDescription="T1 tra")
    items = [{"image": str(tmp_path / name), "case": name} for name in ("mixed", "plain")]
    assert leave_out(items) == (items, {})


def test_a_study_without_an_anatomical_scan_fails(tmp_path: Path) -> None:
    write_series(*scan(), tmp_path / "in" / "s2", SeriesDescription="TOF 3D")
    assert run([str(tmp_path / "in")], tmp_path / "out", settings=QUICK) == NOTHING_DONE
    (result,) = results(tmp_path / "out")
    assert [reason["code"] for reason in result["reasons"]] == ["not_anatomical"]


def test_two_patients_in_a_folder_are_two_scans(tmp_path: Path) -> None:
    array, affine = scan()
    write_series(array, affine, tmp_path / "mixed", PatientID="secret1", StudyInstanceUID="1.2.3.1")
    write_series(array[::-1], affine, tmp_path / "mixed", PatientID="secret2", StudyInstanceUID="1.2.3.2")
    assert run([str(tmp_path / "mixed")], tmp_path / "out", settings=QUICK, viewer=False) == DONE
    first, second = results(tmp_path / "out")
    assert {first["case"], second["case"]} == {"mixed_study-1", "mixed_study-2"}
    assert first["subject"] != second["subject"] and {first["side"], second["side"]} == {"left", "right"}
    assert "secret" not in json.dumps([first, second])
