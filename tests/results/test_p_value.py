"""p values of normal scans are even, cautious for few scans, and the same for a mirrored scan."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import numpy as np
import pytest

from scripts.results.p_value import SCORE_SHARE, PValue, combined, of_score, of_volumes

SHARES = (0.01, 0.05, 0.2, 0.5)
Draw = Callable[[np.random.Generator, int], np.ndarray]

DISTRIBUTIONS: dict[str, Draw] = {
    "even tail": lambda rng, n: rng.exponential(size=n),
    "skewed": lambda rng, n: rng.gumbel(size=n),
    "normal": lambda rng, n: rng.normal(size=n),
}


@pytest.mark.parametrize("name", DISTRIBUTIONS)
@pytest.mark.parametrize("scans", [24, 120])
def test_p_values_of_normal_scans_are_even_or_cautious(name: str, scans: int) -> None:
    rng, draw = np.random.default_rng(0), DISTRIBUTIONS[name]
    p = np.array([of_score(draw(rng, 1)[0], draw(rng, scans)).value for _ in range(2000)])
    for share in SHARES:
        noise = 3 * np.sqrt(share * (1 - share) / len(p))
        assert (p < share).mean() < share + noise + 0.02 * share / 0.2, f"too many below {share}"
    assert (p < 0.5).mean() == pytest.approx(0.5, abs=0.05)


@pytest.mark.parametrize("scans", [2, 5, 24, 300])
def test_a_higher_score_has_a_smaller_p_that_is_never_0_or_1(scans: int) -> None:
    normal = np.random.default_rng(1).normal(size=scans).tolist()
    p = [of_score(score, normal) for score in np.linspace(-9, 9, 400)]
    values = [one.value for one in p]
    assert all(0 < value < 1 for value in values)
    assert all(before >= after for before, after in pairwise(values))
    assert max(np.abs(np.diff(values))) < 2.5 / scans + 0.03, "without a step"
    assert all(one.low < one.value < one.high for one in p)


def test_fewer_subjects_make_it_less_certain() -> None:
    normal = np.random.default_rng(2).normal(size=24).tolist()
    for score in (0.0, 4.0):
        alone, shared = of_score(score, normal), of_score(score, normal, 12)
        assert shared.high - shared.low > alone.high - alone.low
        assert shared.value >= alone.value
    with pytest.raises(ValueError, match="1 normal scans, expected 2 or more"):
        of_score(0.0, [1.0])


def test_equal_normal_scores_give_a_p_value() -> None:
    assert of_score(0.0, [0.0] * 24).value > 0.2
    assert of_score(9.0, [0.0] * 24).value < 1e-6


def test_volumes_have_the_p_value_of_their_mirror_image() -> None:
    rng = np.random.default_rng(3)
    normal = (0.01 * rng.normal(size=24)).tolist()
    assert of_volumes(0.04, normal) == of_volumes(-0.04, [-one for one in normal])
    assert of_volumes(0.0, normal).value == 1
    p = np.array([of_volumes(rng.normal(), rng.normal(size=24).tolist()).value for _ in range(2000)])
    for share in SHARES:
        assert (p < share).mean() == pytest.approx(share, abs=4 * np.sqrt(share / len(p)))


def test_two_questions_are_answered_as_one() -> None:
    rng = np.random.default_rng(4)
    both = rng.uniform(size=(20000, 2))
    p = np.array([combined(PValue(a, a, a), PValue(b, b, b))[0].value for a, b in both])
    for share in SHARES:
        assert (p < share).mean() == pytest.approx(share, abs=4 * np.sqrt(share / len(p)))
    rare, usual = PValue(0.001, 0.0005, 0.002), PValue(0.6, 0.5, 0.7)
    assert [decided for _, decided in (combined(rare, usual), combined(usual, rare))] == [False, True]
    assert combined(rare, usual)[0].value == pytest.approx(0.001 / SCORE_SHARE, rel=0.01)
