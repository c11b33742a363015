import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from scripts.evaluation.measures import STATED_FPR
from scripts.evaluation.roc import best_threshold, interval, performance, share_above


def estimate(name, *arguments):
    return interval([performance(*arguments)[name]])


def draw(shift, subjects=8, each=20, seed=0):
    rng = np.random.default_rng(seed)
    subject = np.repeat(np.arange(subjects), each)
    return rng.normal(shift, 1, len(subject)), subject


def test_auc_is_the_field_s_own():
    positive, negative = draw(1.0), draw(0.0, seed=1)
    expected = roc_auc_score(np.r_[np.ones(160), np.zeros(160)], np.r_[positive[0], negative[0]])
    assert estimate("auc", *positive, *negative, 0.5)[0] == pytest.approx(expected)


def test_ties_count_half():
    ones = np.ones(10), np.arange(10)
    assert estimate("auc", *ones, *ones, 0.0)[0] == 0.5


def test_balanced_accuracy_and_sensitivity():
    negative = np.arange(100.0), np.zeros(100, int)
    positive = np.array([94.5, 95.5, 99.5, 10.0]), np.zeros(4, int)
    assert estimate("balanced_accuracy", *positive, *negative, 50.0)[0] == pytest.approx((3 / 4 + 51 / 100) / 2)
    # 5 of 100 normal slices may lie above: the cut is at the sixth highest, 94.
    assert estimate("sensitivity", *positive, *negative, 50.0)[0] == 3 / 4
    assert STATED_FPR == 0.05


def test_interval_covers_the_truth_and_grows_with_fewer_subjects():
    many = estimate("auc", *draw(1, 40, 10), *draw(0, 40, 10, seed=1), 0.5)
    few = estimate("auc", *draw(1, 4, 10), *draw(0, 4, 10, seed=1), 0.5)
    assert many[1] < 0.76 < many[2]
    assert many[1] <= many[0] <= many[2]
    assert few[2] - few[1] > many[2] - many[1]


def test_share_above():
    value, low, high = interval([share_above(np.array([0.0, 1.0, 2.0, 3.0]), np.array([0, 0, 1, 1]), 0.5)])
    assert value == 0.75
    assert low == 0.5
    assert high == 1.0


def test_is_deterministic():
    once, again = (estimate("auc", *draw(1), *draw(0, seed=1), 0.5) for _ in range(2))
    assert once == again


@pytest.mark.parametrize("seed", range(3))
def test_no_threshold_is_better_than_the_best(seed):
    (yes, subject), (no, _) = draw(1.0, seed=seed), draw(0.0, seed=seed + 10)
    every = [estimate("balanced_accuracy", yes, subject, no, subject, t)[0] for t in np.r_[-9, yes, no]]
    assert estimate("balanced_accuracy", yes, subject, no, subject, best_threshold(yes, no))[0] == pytest.approx(
        max(every)
    )
