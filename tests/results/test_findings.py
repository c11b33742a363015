"""The places that stand out: several, apart, the highest first, with what they look like."""

from __future__ import annotations

import pytest
import torch

from scripts.network.score import OUTSIDE
from scripts.results.findings import APART_MM, MOST, Finding, find_places

AFFINE = torch.eye(4, dtype=torch.float64)


def places(*spots: tuple[int, int, float, float]) -> list[Finding]:
    """Find places in a map with spots: channel, row, logit, and brightness against the mirror position."""
    pair = torch.ones(2, 40, 100, 12)
    pred = torch.where(pair != 0, torch.full_like(pair, -3.0), OUTSIDE)
    for channel, row, evidence, brightness in spots:
        inside = (channel, slice(18, 21), slice(row - 1, row + 2), slice(5, 8))
        pred[inside] = evidence
        pair[inside] += brightness
    channel, row = spots[0][:2]
    return find_places(pred, pair, AFFINE, (channel, 19, row, 6))


def test_places_are_listed_from_the_highest() -> None:
    found = places((1, 50, 4.0, 1.0), (0, 10, 1.0, -0.9), (0, 80, 2.0, 0.1), (1, 30, -0.5, 1.0))
    assert [(one["side"], one["looks"]) for one in found] == [
        ("right", "brighter"),
        ("left", "as bright"),
        ("left", "darker"),
    ], "the last spot is below one half"
    assert [one["peak_ras_mm"] for one in found] == [[19, 50, 6], [-19, 79, 5], [-19, 9, 5]]
    assert [one["volume_mm3"] for one in found] == [27, 27, 27]
    assert all(one["p"] is None for one in found)


def test_the_first_place_is_the_one_that_the_side_was_read_from() -> None:
    found = places((1, 50, 2.0, 1.0), (0, 10, 4.0, -1.0))
    assert [one["side"] for one in found] == ["right", "left"]


@pytest.mark.parametrize(("distance", "count"), [(APART_MM / 2, 1), (2 * APART_MM, 2)])
def test_what_lies_near_or_at_the_mirror_position_is_one_place(distance: float, count: int) -> None:
    assert len(places((1, 30, 4.0, 1.0), (1, 30 + int(distance), 3.0, 1.0))) == count
    assert len(places((1, 30, 4.0, 1.0), (0, 30 + int(distance), 3.0, 1.0))) == count


def test_there_are_not_more_than_a_reader_can_look_at() -> None:
    assert len(places(*((k % 2, 8 + 14 * k, 3.0 - 0.1 * k, 1.0) for k in range(7)))) == MOST


def test_mirrored_hemispheres_give_mirrored_places() -> None:
    spots = [(1, 50, 4.0, 1.0), (0, 10, 1.0, -0.9)]
    plain, mirrored = places(*spots), places(*((1 - channel, *rest) for channel, *rest in spots))
    assert [one["side"] for one in plain] == ["right", "left"] and [one["side"] for one in mirrored] == [
        "left",
        "right",
    ]
    for one, other in zip(plain, mirrored, strict=True):
        assert {key: one[key] for key in ("looks", "volume_mm3", "peak_probability", "area_mm2")} == {
            key: other[key] for key in ("looks", "volume_mm3", "peak_probability", "area_mm2")
        }
