"""One answer about a scan, and the reference of normal scans that it comes from."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bundle.normative import NormalScan, normative, reference
from scripts.results.age import age_of, at_age, fit_age, read_ages
from scripts.results.comparison import NOT_COMPARABLE, compare, finding_p
from scripts.results.reference import MIN_SCANS, POOLING, read_reference
from scripts.results.statement import finding_words, statement
from tests.bundle.predict.test_killed import Quick

MADE = {"skull_strip": "classic", "spacing": [0.5, 0.5, 1.0]}
NORMAL: Any = {
    "scores": np.linspace(0.1, 0.6, 30).tolist(),
    "peaks": np.linspace(0.4, 0.8, 30).tolist(),
    "asymmetry_indices": np.linspace(0.0, 0.02, 30).tolist(),
    "kind": "30 normal scans",
    "weights": "a",
    "settings": MADE,
    "pooling": POOLING,
}


@pytest.mark.parametrize(
    ("score", "index", "word", "rests_on"),
    [
        (0.3, 0.005, "typical", "score"),
        (0.72, 0.005, "unusual", "score"),
        (0.99, 0.005, "very unusual", "score"),
        (0.3, 0.04, "very unusual", "volumes"),
        (0.3, -0.04, "very unusual", "volumes"),
        (0.99, None, "very unusual", "score"),
    ],
)
def test_a_scan_is_compared_with_normal_ones(score: float, index: float | None, word: str, rests_on: str) -> None:
    made = compare(score, NORMAL, index, "a", MADE)
    assert (made["word"], made["rests_on"]) == (word, rests_on)
    assert made["p"] is not None and made["p_low"] is not None and made["p_high"] is not None
    assert made["p_low"] < made["p"] < made["p_high"]
    assert made["percentile"] == pytest.approx(100 * (1 - made["p"]), abs=0.1)
    assert (made["reference"], made["scans"], made["note"]) == ("30 normal scans", 30, "")
    assert (made["p_volumes"] is None) == (index is None)
    volumes = {"absolute_asymmetry_index": abs(index or 0)}
    text = statement({"comparison": made, "side": "left", "volumes": volumes})
    assert text.startswith(f"{word.capitalize()}: of 100 normal scans, ")
    assert ("the left hemisphere is 8 % larger" in text) == (rests_on == "volumes")


@pytest.mark.parametrize("code", NOT_COMPARABLE)
def test_a_scan_of_bad_quality_is_not_compared(code: str) -> None:
    made = compare(0.99, NORMAL, 0.0, "a", MADE, warnings=["tilt_yaw", code])
    assert made["word"] == "unknown" and made["p"] is None
    assert code.replace("_", " ") in statement({"comparison": made})
    assert compare(0.99, NORMAL, 0.0, "a", MADE, warnings=["tilt_yaw", "uneven_halves"])["word"] == "very unusual"


@pytest.mark.parametrize(
    ("change", "weights", "strip", "why"),
    [
        ({}, "b", "classic", "other weights"),
        ({}, "a", "learned", "another skull_strip"),
        ({"pooling": "three highest slices"}, "a", "classic", "an older version"),
        ({"scores": [0.1] * (MIN_SCANS - 1)}, "a", "classic", "has 19 scans, expected 20 or more"),
    ],
)
def test_there_is_no_answer_without_a_reference_that_matches(change: Any, weights: str, strip: str, why: str) -> None:
    made = compare(0.7, {**NORMAL, **change}, 0.01, weights, {"skull_strip": strip})
    assert made["word"] == "unknown" and made["p"] is made["p_score"] is made["p_volumes"] is None
    assert why in statement({"comparison": made})
    assert "make one with" in statement({"comparison": compare(0.7, None)})


@pytest.mark.parametrize(("method", "note"), [("none", ""), ("n4", "another bias_field")])
def test_a_reference_that_does_not_name_the_bias_field_was_made_uncorrected(method: str, note: str) -> None:
    made = compare(0.7, NORMAL, 0.01, "a", {"skull_strip": "classic", "bias_field": method})
    assert note in made["note"] and (made["word"] == "unknown") == bool(note)


def test_a_finding_has_a_p_value_of_its_own() -> None:
    assert finding_p(0.95, NORMAL) < 0.1 < 0.4 < finding_p(0.6, NORMAL)  # type: ignore[operator]
    assert finding_p(0.95, None) is finding_p(0.95, {"scores": [0.1] * 30}) is None
    place = {"side": "right", "looks": "darker", "centre_ras_mm": [21.4, -3.0, 8.0], "volume_mm3": 812.0, "p": 0.012}
    words = (
        "right, darker than its mirror position; centre R, A, S 21, -3, 8 mm; 0.8 ml; of 100 normal scans, about 1.2"
    )
    assert finding_words(place).startswith(words)
    unknown = {**place, "side": "unknown", "looks": "as bright", "centre_ras_mm": None, "volume_mm3": None, "p": None}
    assert finding_words(unknown) == "side unknown, as bright as its mirror position"


def test_a_reference_is_made_and_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bundle.predict.pipeline.Pipeline", Quick)
    for number in range(3):
        (tmp_path / f"sub-{number}.nii").write_bytes(b"scan")
    text = normative(str(tmp_path), output=str(tmp_path / "normative.json"))
    assert "3 scans" in text and "no p value" in text
    content = read_reference(tmp_path / "normative.json")
    assert content is not None
    assert len(content["scores"]) == len(content["leave_one_out"]) == len(content["peaks"]) == 3
    assert content["subjects"] == [0, 1, 2] and content["pooling"] == POOLING
    with pytest.raises(ValueError, match="0 of 0 scans"):
        normative(str(tmp_path / "nowhere"), output=str(tmp_path / "other.json"))


def test_a_percentile_leaves_the_other_scans_of_a_subject_out() -> None:
    scans = [NormalScan(f"sub-{k // 2}_{k % 2}", f"sub-{k // 2}", (k + 1) / 50, 0.5, 0.01) for k in range(40)]
    content = reference(scans, "controls", {"sha256": {"model.pt": "a"}, "settings": {}}, "model.pt")  # type: ignore[typeddict-item]
    highest = content["leave_one_out"]["sub-19_1"]
    assert highest is not None and 95 < highest < 100
    assert content["subjects"][-1] == 19
    alone = reference(scans[:2], "controls", {"sha256": {"model.pt": "a"}, "settings": {}}, "model.pt")  # type: ignore[typeddict-item]
    assert alone["leave_one_out"] == {"sub-0_0": None, "sub-0_1": None}


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
    normal: Any = {"scores": scores, "age": fit}
    compared = {age: compare(0.6, normal, age=age) for age in (37, 43, 50, None)}
    rank: dict[Any, Any] = {age: comparison["percentile"] for age, comparison in compared.items()}
    assert rank[37] > 90 > 40 > rank[43]
    assert at_age(scores, fit, ages[7])[7] == pytest.approx(scores[7])
    assert "age 50 is beyond" in compared[50]["note"]
    assert "not known" in compared[None]["note"]
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
