"""Which series of a study is scored: rules that a site can change."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from scripts.io.dicom import Study, chosen_series, find_series
from scripts.io.dicom.rules import judge, read_rules
from scripts.io.errors import ScanError
from tests.dicom import STUDY_UID, write_series

ARRAY = np.random.default_rng(0).random((10, 12, 14))
FINE, COARSE = np.diag([0.8, 0.8, 0.8, 1.0]), np.diag([0.8, 0.8, 3.0, 1.0])


@pytest.mark.parametrize(
    ("description", "points"),
    [
        ("t2_tse_tra_p2", 40),
        ("AX T2 FSE", 40),
        ("sT2W_TSE SENSE", 40),
        ("T2 HASTE cor", 40),
        ("t1_mprage_sag_iso", 30),
        ("3D T1w TFE", 30),
        ("T2 FLAIR", 20),
        ("t1_tse_tra_KM", 20),
        ("cor T2 MPR", 30),
        ("PDw TSE", -20),
        ("brain", 0),
    ],
)
def test_what_a_description_is_worth(description: str, points: float) -> None:
    judged = judge({"SeriesDescription": description}, read_rules())
    assert (judged.points, judged.code) == (points, ""), judged


@pytest.mark.parametrize(
    ("tags", "why", "code"),
    [
        ({"SeriesDescription": "TOF_3D_multi-slab"}, "angiography", "not_anatomical"),
        ({"SeriesDescription": "T2 MRV"}, "angiography", "not_anatomical"),
        ({"AngioFlag": "Y"}, "angiography", "not_anatomical"),
        ({"ImageType": ["ORIGINAL", "PRIMARY", "P", "ND"]}, "phase", "not_anatomical"),
        ({"SeriesDescription": "SWI_Images"}, "susceptibility", "not_anatomical"),
        ({"SeriesDescription": "T2*_GRE"}, "susceptibility", "not_anatomical"),
        ({"SeriesDescription": "ep2d_diff_3scan_trace_p2_ADC"}, "diffusion", "not_anatomical"),
        ({"DiffusionBValue": 1000.0}, "diffusion", "not_anatomical"),
        ({"SeriesDescription": "rsfMRI 2mm"}, "function or perfusion", "not_anatomical"),
        ({"SeriesDescription": "gre_field_mapping"}, "a map", "not_anatomical"),
        ({"SeriesDescription": "svs_se_135"}, "spectroscopy", "not_anatomical"),
        ({"SeriesDescription": "AAHScout_MPR_cor"}, "a localiser", "localiser"),
        ({"ImageType": ["DERIVED", "SECONDARY", "PROJECTION IMAGE", "MIP"]}, "a projection or a screen", "localiser"),
    ],
)
def test_what_is_never_scored(tags: dict[str, Any], why: str, code: str) -> None:
    judged = judge(tags, read_rules())
    assert (judged.why, judged.code) == ((why,), code)


def test_an_anatomical_scan_comes_before_a_finer_angiography(tmp_path: Path) -> None:
    write_series(ARRAY, COARSE, tmp_path, SeriesNumber=1, SeriesDescription="T2 tra")
    write_series(ARRAY, FINE, tmp_path, SeriesNumber=2, SeriesDescription="TOF")
    write_series(ARRAY, FINE, tmp_path, SeriesNumber=3, SeriesDescription="SWI", ImageType=["ORIGINAL", "PRIMARY", "P"])
    write_series(ARRAY, FINE, tmp_path, SeriesNumber=4, SeriesDescription="ADC")
    write_series(ARRAY, FINE, tmp_path, SeriesNumber=5, SeriesDescription="T1 mprage")
    series, others = chosen_series(tmp_path)
    assert series.number == 1 and "T2-weighted" in series.rules.why
    assert [other.number for other in others] == [5, 2, 3, 4]
    assert [other.code for other in others] == ["", *["not_anatomical"] * 3]


def test_a_site_changes_the_rules(tmp_path: Path) -> None:
    write_series(ARRAY, FINE, tmp_path / "in", SeriesNumber=1, SeriesDescription="T2 tra")
    write_series(ARRAY, FINE, tmp_path / "in", SeriesNumber=2, SeriesDescription="T1 tra")
    rules = tmp_path / "rules.json"
    rules.write_text(json.dumps([{"why": "ours", "tags": ["SeriesDescription"], "words": ["t1"], "points": 1}]))
    assert chosen_series(tmp_path / "in")[0].number == 1
    assert chosen_series(tmp_path / "in", rules=rules)[0].number == 2


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("no json", "can't be read as JSON"),
        ("{}", "expected a list of rules, found dict"),
        ('[{"why": "a", "tags": ["Rows"], "word": ["b"]}]', "rule 1: .*word.*Expected the fields why, tags"),
        ('[{"why": "a", "tags": ["Rows"], "words": ["("]}]', "rule 1: .*Expected the fields"),
    ],
)
def test_a_table_that_is_none_is_named(content: str, said: str, tmp_path: Path) -> None:
    file = tmp_path / "rules.json"
    file.write_text(content)
    with pytest.raises(ScanError, match=rf"rules\.json: {said}") as refused:
        read_rules(file)
    assert refused.value.code == "bad_rules"


def test_of_two_patients_in_a_folder_one_must_be_named(tmp_path: Path) -> None:
    write_series(ARRAY, FINE, tmp_path, SeriesNumber=1, PatientID="a")
    write_series(ARRAY, FINE, tmp_path, SeriesNumber=2, PatientID="b", StudyInstanceUID="1.2.3")
    with pytest.raises(ScanError, match="2 studies of 2 patients, expected one") as refused:
        chosen_series(tmp_path)
    assert refused.value.code == "several_studies"
    series, others = chosen_series(tmp_path, Study("a", STUDY_UID))
    assert series.number == 1 and not others


def test_an_odd_image_among_many_slices_is_left_out(tmp_path: Path) -> None:
    uid = {"SeriesInstanceUID": "1.2.3.4"}
    write_series(np.random.default_rng(0).random((10, 12, 40)), FINE, tmp_path, **uid)
    write_series(ARRAY[:8, :8, :1], FINE, tmp_path, **uid)
    (series,) = find_series(tmp_path)
    assert (series.code, series.volume.odd, len(series.volume.frames)) == ("", 1, 40)
