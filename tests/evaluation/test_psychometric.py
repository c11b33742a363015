"""The psychometric curve and the calibration, of scores whose truth is known."""

import numpy as np
import pytest
from scipy.special import expit
from scipy.stats import norm

from scripts.evaluation.calibration import calibration
from scripts.evaluation.psychometric import LEVELS, curve, psychometric
from scripts.simulation.lesion import SIZES

SIZE = np.array(SIZES, dtype=float)


@pytest.mark.parametrize(("middle", "width"), [(5.0, 0.3), (9.0, 0.6), (2.5, 0.2)])
def test_a_known_curve_is_found_again(middle, width):
    truth = curve(SIZE, np.array(middle), np.array(width))
    result = psychometric(SIZE, np.repeat(truth[:, None], 5, axis=1), np.full(len(SIZE), 200))
    assert result["curve"]["middle"] == pytest.approx(middle, rel=0.05)
    for level in LEVELS:
        expected = middle * np.exp(width * norm.ppf((level - 0.05) / 0.95))
        size, low, high = result["sizes"][f"{level:g}"]
        assert size == pytest.approx(expected, rel=0.08)
        assert low <= size <= high


def test_lesions_that_are_never_detected_have_no_size():
    blind = np.full((len(SIZE), 5), 0.05)
    assert psychometric(SIZE, blind, np.full(len(SIZE), 200))["sizes"]["0.9"][0] is None


def test_a_resample_without_a_size_says_nothing_about_it():
    truth = np.repeat(curve(SIZE, np.array(5.0), np.array(0.4))[:, None], 40, axis=1)
    partly = truth.copy()
    partly[-3:, 1:] = np.nan
    complete, incomplete = (
        psychometric(SIZE, sensitivity, np.full(len(SIZE), 200))["sizes"]["0.5"] for sensitivity in (truth, partly)
    )
    assert incomplete == pytest.approx(complete, rel=0.05)


def test_true_probabilities_are_calibrated_and_overconfident_ones_are_not():
    rng = np.random.default_rng(0)
    logit = rng.normal(0, 2, 40_000)
    ill = rng.random(len(logit)) < expit(logit)
    true = calibration(logit[ill], logit[~ill])
    overconfident = calibration(4 * logit[ill], 4 * logit[~ill])
    assert true["ece"] < 0.01 < 0.1 < overconfident["ece"]
    assert true["brier"] < overconfident["brier"]
    assert sum(share for _, _, share in true["bins"]) == pytest.approx(1, abs=1e-3)


def test_the_number_of_normal_slices_does_not_matter():
    rng = np.random.default_rng(1)
    positive, negative = rng.normal(1, 1, 500), rng.normal(-1, 1, 300)
    once, twice = calibration(positive, negative), calibration(positive, np.tile(negative, 2))
    assert once["ece"] == pytest.approx(twice["ece"], abs=1e-3)
