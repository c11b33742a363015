"""Percentiles among normal scans, and the reference that they come from."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from bundle.normative import normative
from scripts.results.age import age_of, at_age, fit_age, read_ages
from scripts.results.normative import EXCEEDED_BY, MIN_SCANS, compare, percentile, read_reference, scan_threshold
from scripts.results.statement import statement
from tests.bundle.predict.test_killed import Quick


def test_a_percentile_is_a_rank_that_is_never_certain() -> None:
    reference = list(np.linspace(0.01, 0.99, 99))
    assert percentile(0.5, reference) == pytest.approx(50)
    assert 0 < percentile(0.0, reference) < 1
    assert 99 < percentile(1.0, reference) < 100
    assert percentile(0.2, [0.2] * 5) == 50


def test_percentiles_of_normal_scans_are_even() -> None:
    rng = np.random.default_rng(0)
    ranks = [percentile(rng.normal(), list(rng.normal(size=30))) for _ in range(4000)]
    assert np.mean(np.array(ranks) > 90) == pytest.approx(0.1, abs=0.02)


@pytest.mark.parametrize("scans", [MIN_SCANS, 57])
def test_one_in_twenty_normal_scans_is_above_the_threshold(scans: int) -> None:
    rng = np.random.default_rng(1)
    above = [rng.beta(5, 2) > (scan_threshold(list(rng.beta(5, 2, size=scans))) or 0) for _ in range(4000)]
    assert np.mean(above) == pytest.approx(EXCEEDED_BY, abs=0.01)


def test_a_score_is_compared_with_a_reference() -> None:
    made = {"skull_strip": "classic", "spacing": [0.5, 0.5, 1.0]}
    reference = {
        "scores": list(np.linspace(0.1, 0.6, MIN_SCANS)),
        "kind": "synthetic",
        "weights": "a",
        "settings": made,
    }
    compared = compare(0.7, reference, "a", made)
    assert compared["above_threshold"] is True
    assert compared["percentile"] == {"value": 97.6, "reference": "synthetic", "scans": MIN_SCANS, "note": ""}
    assert statement(compared) == "Above 0.60, the score that 5 % of normal scans exceed (reference: synthetic)."
    assert compare(0.4, reference, "a", made)["above_threshold"] is False
    few = compare(0.7, {**reference, "scores": reference["scores"][1:]}, "a", made)
    assert few["scan_threshold"] is few["above_threshold"] is None
    assert few["percentile"]["value"] is not None
    assert "fewer than 20 scans" in statement(few)


@pytest.mark.parametrize(
    ("weights", "strip", "why"), [("b", "classic", "other weights"), ("a", "learned", "another skull_strip")]
)
def test_there_is_no_statement_without_a_reference_that_matches(weights: str, strip: str, why: str) -> None:
    reference = {"scores": [0.1] * MIN_SCANS, "weights": "a", "settings": {"skull_strip": "classic"}}
    for compared in (compare(0.7, reference, weights, {"skull_strip": strip}), compare(0.7, None)):
        assert compared["scan_threshold"] is compared["above_threshold"] is compared["percentile"]["value"] is None
        assert "not known: " in statement(compared)
    assert why in compare(0.7, reference, weights, {"skull_strip": strip})["percentile"]["note"]
    assert "make one with" in statement(compare(0.7, None))


@pytest.mark.parametrize(("method", "note"), [("none", ""), ("n4", "another bias_field")])
def test_a_reference_that_does_not_name_the_bias_field_was_made_uncorrected(method: str, note: str) -> None:
    reference = {"scores": [0.1] * MIN_SCANS, "weights": "a", "settings": {"skull_strip": "classic"}}
    compared = compare(0.7, reference, "a", {"skull_strip": "classic", "bias_field": method})
    assert note in compared["percentile"]["note"] and (compared["above_threshold"] is None) == bool(note)


def test_a_reference_is_made_and_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bundle.predict.pipeline.Pipeline", Quick)
    for number in range(3):
        (tmp_path / f"sub-{number}.nii").write_bytes(b"scan")
    text = normative(str(tmp_path), output=str(tmp_path / "normative.json"))
    assert "3 scans" in text
    assert "coarse" in text
    content = read_reference(tmp_path / "normative.json")
    assert content is not None
    assert len(content["scores"]) == len(content["leave_one_out"]) == 3
    assert set(content["leave_one_out"].values()) == {50.0}
    assert content["scan_threshold"] == {"value": None, "exceeded_by": 0.05, "scans": 3}
    with pytest.raises(ValueError, match="0 of 0 scans"):
        normative(str(tmp_path / "nowhere"), output=str(tmp_path / "other.json"))


def test_ages_are_read_from_a_table(tmp_path: Path) -> None:
    table = tmp_path / "participants.tsv"
    table.write_text("participant_id\tsex\tage\nsub-1\tF\t40.5\n2\tM\t38\nsub-3\tM\tn/a\n")
    ages = read_ages(table)
    assert [age_of(ages, subject) for subject in ("sub-1", "sub-2", "3", "4")] == [40.5, 38, None, None]
    assert read_ages(None) == {}
    table.write_text("participant_id\tscan_age\nsub-1\told\n")
    with pytest.raises(ValueError, match=r"participants\.tsv: expected numbers.*'old'"):
        read_ages(table)
    table.write_text("name,age\n")
    with pytest.raises(ValueError, match=r"expected tab-separated columns.*found \['name,age'\]"):
        read_ages(table)
    with pytest.raises(FileNotFoundError, match=r"no\.tsv: no such file"):
        read_ages(tmp_path / "no.tsv")


def test_the_effect_of_age_is_fitted_and_removed() -> None:
    rng = np.random.default_rng(0)
    ages = list(rng.uniform(36, 44, 200))
    logits = 0.3 * (np.array(ages) - 40) + rng.normal(0, 0.5, 200)
    scores = [float(p) for p in 1 / (1 + np.exp(-logits))]
    fit = fit_age(scores, ages)
    assert fit["slope"] == pytest.approx(0.3, abs=3 * fit["slope_standard_error"])
    assert fit["p"] < 0.001
    reference = {"scores": scores, "age": fit}
    compared = {age: compare(0.6, reference, age=age) for age in (37, 43, 50, None)}
    rank = {age: comparison["percentile"]["value"] for age, comparison in compared.items()}
    assert rank[37] > 90 > 40 > rank[43]
    assert compared[37]["scan_threshold"] < compared[43]["scan_threshold"]
    assert at_age(scores, fit, ages[7])[7] == pytest.approx(scores[7])
    assert "age 50 is beyond" in compared[50]["percentile"]["note"]
    assert "not known" in compared[None]["percentile"]["note"]
    with pytest.raises(ValueError, match="2 scans of 2 ages"):
        fit_age([0.1, 0.2], [38, 39])


def test_a_reference_with_ages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bundle.predict.pipeline.Pipeline", Quick)
    for number in range(5):
        (tmp_path / f"sub-{number}.nii").write_bytes(b"scan")
    (tmp_path / "ages.tsv").write_text("participant_id\tage\n" + "".join(f"sub-{n}\t{38 + n}\n" for n in range(4)))
    normative(str(tmp_path), output=str(tmp_path / "normative.json"), ages=str(tmp_path / "ages.tsv"))
    content = json.loads((tmp_path / "normative.json").read_text())
    assert content["age"]["ages"] == [38, 39, 40, 41]
    assert content["age"]["slope"] == pytest.approx(0)
    assert content["left_out"] == [{"case": "sub-4", "why": "no_age"}]


def test_a_file_that_is_no_reference_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="Make a reference"):
        read_reference(tmp_path / "missing.json")
    (tmp_path / "bad.json").write_text(json.dumps({"score": 1}))
    with pytest.raises(ValueError, match=r"expected a reference.*found \['score'\]"):
        read_reference(tmp_path / "bad.json")
