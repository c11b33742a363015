"""Which scans, sessions and networks the benchmark of newborns measures, and what happens to a scan that fails."""

import json

import pytest

from bundle.research.benchmark.newborns.dataset import read_cases, read_sessions
from bundle.research.benchmark.newborns.each_case import fingerprint, measure_each
from bundle.research.benchmark.newborns.networks import SHIPPED_MODEL, Network, networks_of


def test_without_a_file_the_shipped_weights_measure_every_subject():
    assert networks_of(None, ["sub-1"]) == {"sub-1": [Network(SHIPPED_MODEL, "learned")]}


def test_networks_of_a_cross_validation_are_relative_to_their_file(tmp_path):
    for name in ("a.pt", "b.pt", "strip.pt"):
        (tmp_path / name).touch()
    entries = [
        {"subjects": ["sub-1", "sub-9"], "model": "a.pt", "skull_strip": None},
        {"subjects": ["sub-1"], "model": str(tmp_path / "b.pt"), "skull_strip": "strip.pt"},
        {"subjects": ["sub-2"], "model": "b.pt"},
        {"subjects": ["sub-2"], "model": "a.pt"},
    ]
    (tmp_path / "networks.json").write_text(json.dumps(entries))
    a, b, strip = (str(tmp_path / name) for name in ("a.pt", "b.pt", "strip.pt"))
    assert networks_of(str(tmp_path / "networks.json"), ["sub-1", "sub-2"]) == {
        "sub-1": [Network(a, "learned"), Network(b, strip)],
        "sub-2": [Network(b, "learned"), Network(a, "learned")],
    }


@pytest.mark.parametrize(
    ("entries", "error", "said"),
    [
        ({"model": "a.pt"}, ValueError, "expected a list of objects with 'subjects' and 'model'"),
        ([{"subjects": ["sub-1"]}], ValueError, "expected a list of objects"),
        ([{"subjects": ["sub-1", "sub-2"], "model": "b.pt"}], FileNotFoundError, "b.pt: no such file of weights"),
        ([{"subjects": ["sub-1"], "model": "a.pt"}], ValueError, "as many networks for every subject.*'sub-2': 0"),
        (
            [{"subjects": ["sub-1", "sub-2"], "model": "a.pt"}, {"subjects": ["sub-1"], "model": "a.pt"}],
            *(ValueError, "found {'sub-1': 2, 'sub-2': 1}"),
        ),
    ],
)
def test_a_wrong_file_of_networks_is_refused(tmp_path, entries, error, said):
    (tmp_path / "a.pt").touch()
    (tmp_path / "networks.json").write_text(json.dumps(entries))
    with pytest.raises(error, match=said):
        networks_of(str(tmp_path / "networks.json"), ["sub-1", "sub-2"])
    with pytest.raises(FileNotFoundError, match=r"no such file.*--networks"):
        networks_of(str(tmp_path / "none.json"), ["sub-1"])


def test_sessions_hold_both_contrasts_and_a_mask_beside_the_scan_is_the_reference(tmp_path):
    names = ["sub-1_ses-1_T1w", "sub-1_ses-1_T2w", "sub-1_ses-2_T1w", "sub-1_ses-2_T2w", "sub-2_T1w", "sub-3_T2w"]
    for name in (*names, "sub-1_ses-1_desc-brain_mask", "sub-2_dseg"):
        (tmp_path / f"{name}.nii.gz").touch()
    cases = read_cases(str(tmp_path))
    assert [case["case"] for case in cases] == names
    assert [case["contrast"] for case in cases] == ["T1w", "T2w", "T1w", "T2w", "T1w", "T2w"]
    mask = str(tmp_path / "sub-1_ses-1_desc-brain_mask.nii.gz")
    assert [case["brain_mask"] for case in cases] == [mask, mask, None, None, None, None]
    sessions = read_sessions(cases)
    assert [(session["case"], session["subject"]) for session in sessions] == [
        ("sub-1_ses-1", "sub-1"),
        ("sub-1_ses-2", "sub-1"),
    ]
    assert [scan["contrast"] for scan in sessions[0]["scans"]] == ["T1w", "T2w"]


FAILING = {"b"}


def measure_name(case):
    if case["case"] in FAILING:
        raise ValueError(f"{case['case']}: two heads.\nMore lines.")
    return {"length": len(case["case"])}


def test_a_case_that_fails_is_named_and_tried_again(tmp_path, monkeypatch):
    cases = [{"case": name, "subject": "sub-1", "contrast": "T1w"} for name in ("a", "b", "cc")]
    rows, failed = measure_each(measure_name, cases, tmp_path, at_once=0)
    assert [(row["case"], row["length"]) for row in rows] == [("a", 1), ("cc", 2)]
    assert failed == [{"case": "b", "error": "ValueError: b: two heads."}]
    monkeypatch.setitem(globals(), "FAILING", set())
    rows, failed = measure_each(measure_name, cases, tmp_path, at_once=0)
    assert [row["case"] for row in rows] == ["a", "b", "cc"] and not failed


def test_the_fingerprint_changes_with_the_files(tmp_path):
    (tmp_path / "scan.nii").write_text("one")
    cases = [{"case": "a", "image": str(tmp_path / "scan.nii"), "networks": [Network("model.pt", "learned")]}]
    before = fingerprint(cases)
    assert before == fingerprint(cases) != fingerprint([{**cases[0], "networks": [Network("other.pt", "learned")]}])
    (tmp_path / "scan.nii").write_text("another")
    assert fingerprint(cases) != before
