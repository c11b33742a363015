"""Percentiles among normal scans, and the reference that they come from."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from bundle.normative import normative
from scripts.normative import FEW, compare, percentile, read_reference

from .test_killed import Quick


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


def test_what_is_said_of_a_reference() -> None:
    reference = {"scores": [0.1] * (FEW - 1), "kind": "synthetic", "weights": "a"}
    found = compare(0.2, reference, "a")
    assert found["reference"] == "synthetic"
    assert found["value"] is not None
    assert "coarse" in found["note"]
    assert compare(0.2, reference, "b")["value"] is None
    assert "other weights" in compare(0.2, reference, "b")["note"]
    made = {**reference, "settings": {"skull_strip": "classic", "spacing": [0.5, 0.5, 1.0]}}
    assert compare(0.2, made, "a", {"skull_strip": "classic", "spacing": [0.5, 0.5, 1.0]})["value"] is not None
    assert "another skull_strip" in compare(0.2, made, "a", {"skull_strip": "learned"})["note"]
    assert compare(0.2, None)["value"] is None


def test_a_reference_is_made_and_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bundle.predict.pipeline.Pipeline", Quick)
    for number in range(3):
        (tmp_path / f"sub-{number}.nii").write_bytes(b"scan")
    said = normative(str(tmp_path), output=str(tmp_path / "normative.json"))
    assert "3 scans" in said
    assert "coarse" in said
    content = read_reference(tmp_path / "normative.json")
    assert content is not None
    assert len(content["scores"]) == len(content["leave_one_out"]) == 3
    assert set(content["leave_one_out"].values()) == {50.0}
    with pytest.raises(ValueError, match="0 of 0 scans"):
        normative(str(tmp_path / "nowhere"), output=str(tmp_path / "other.json"))


def test_what_is_no_reference_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="Make a reference"):
        read_reference(tmp_path / "missing.json")
    (tmp_path / "bad.json").write_text(json.dumps({"score": 1}))
    with pytest.raises(ValueError, match=r"expected a reference.*found \['score'\]"):
        read_reference(tmp_path / "bad.json")
