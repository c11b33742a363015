"""What is measured of a scan, and the rules that judge it."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
import torch
from monai.data import MetaTensor

from scripts.io.affine import judge_affine
from scripts.io.errors import ScanError
from scripts.quality.brain import brain_measurements
from scripts.quality.hemispheres import hemisphere_measurements
from scripts.quality.rules import AFFINES, FAILED, RULES, Rule, judge
from tests.conftest import ROOT
from tests.heads import make_head

FINE = {"noise": 0.05, "contrast": 0.8, "similarity": 0.7, "brain_ml": 400.0, "spacing_mm": 1.0, "affine_fault": ""}


def brain(**options: object) -> MetaTensor:
    return make_head(voxel=(2.0, 2.0, 2.0), **options).brain  # type: ignore[arg-type]


@pytest.mark.parametrize("noise", [0.02, 0.05, 0.1])
def test_noise_is_measured(noise: float) -> None:
    image = brain(noise=noise)
    low, high = np.percentile(image[image != 0], [5, 95])
    # Folds of the drawing bend, too: they add what a scan without noise shows.
    assert brain_measurements(image)["noise"] == pytest.approx(np.hypot(noise / (high - low), 0.03), rel=0.35)


def test_pure_noise_and_no_contrast_stand_out() -> None:
    mask = brain() != 0
    noise = MetaTensor(torch.rand(mask.shape) * mask, affine=torch.eye(4))
    assert brain_measurements(noise)["noise"] > 0.25
    assert brain_measurements(MetaTensor(mask.float(), affine=torch.eye(4)))["contrast"] == 0


def test_a_cut_brain_touches_the_end() -> None:
    image = brain()
    assert brain_measurements(image)["cut"] == 0
    assert brain_measurements(image[..., : image.shape[-1] // 2])["cut"] > 0.9


def test_brighter_slices_show() -> None:
    image = brain(noise=0.02)
    image[..., ::2] *= 1.3
    assert brain_measurements(image)["slice_jumps"] > 0.1 > brain_measurements(brain(noise=0.02))["slice_jumps"]


def test_halves_are_measured_in_ml() -> None:
    pair = torch.zeros(2, 20, 40, 10)
    pair[0, :20, :40], pair[1, :10, :40] = 1, 1
    measurements = hemisphere_measurements(pair, torch.diag(torch.tensor([2.0, 2.0, 5.0, 1.0])))
    assert (measurements["left_ml"], measurements["right_ml"]) == (160, 80)
    assert measurements["asymmetry_index"] == pytest.approx(1 / 3)
    assert measurements["width_over_length"] == 0.75


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_every_rule_bites_on_both_ends_and_is_documented(rule: Rule) -> None:
    assert not judge(FINE)
    for limit, beyond in ((rule.low, -1e-3), (rule.high, 1e-3)):
        if limit is None:
            continue
        measurements = {**FINE, rule.measurement: limit}
        assert rule.code not in {reason["code"] for reason in judge(measurements)}
        measurements[rule.measurement] = limit + beyond
        if rule.status == FAILED:
            with pytest.raises(ScanError) as refused:
                judge(measurements)
            assert refused.value.code == rule.code
        else:
            assert rule.code in {reason["code"] for reason in judge(measurements)}
    assert f"`{rule.code}`" in (ROOT / "docs" / "output.md").read_text()


@pytest.mark.parametrize(
    ("brain_ml", "code"),
    [(170, "volume_small"), (306, None), (498, None), (700, "volume_large"), (1400, "volume_large"), (0, None)],
    ids=["28 weeks", "smallest measured", "largest measured", "infant", "adult", "slice"],
)
def test_a_brain_of_another_age_is_a_warning(brain_ml: float, code: str | None) -> None:
    reasons = judge({**FINE, "brain_ml": brain_ml})
    assert [reason["code"] for reason in reasons] == ([code] if code else [])
    assert all("37 to 44 weeks" in reason["message"] for reason in reasons)


@pytest.mark.parametrize("code", AFFINES)
def test_an_affine_that_says_nothing_is_a_warning(code: str) -> None:
    (reason,) = judge({**FINE, "affine_fault": code})
    assert (reason["code"], reason["status"]) == (code, "warning")
    assert f"`{code}`" in (ROOT / "docs" / "output.md").read_text()


def test_an_affine_that_cannot_be_inverted_is_replaced() -> None:
    image = MetaTensor(torch.rand(1, 8, 8, 8), affine=torch.diag(torch.tensor([1.0, 1.0, 0.0, 1.0])))
    affine, measurements = judge_affine(image)
    assert measurements["affine_fault"] == "singular_affine"
    assert np.linalg.det(affine) == pytest.approx(1)
    np.testing.assert_allclose(affine @ [3.5, 3.5, 3.5, 1], [0, 0, 0, 1])


def test_a_refusal_comes_whole_from_another_process() -> None:
    error = pickle.loads(pickle.dumps(ScanError("empty", "every voxel is 0")))
    assert (error.code, str(error)) == ("empty", "every voxel is 0")
