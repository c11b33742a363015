"""Subgroups of an evaluation: the position of a lesion, and which rows belong to a subgroup."""

import pytest
import torch

from scripts.evaluation.lesion_position import lesion_position
from scripts.evaluation.subgroups import GROUPS, split

COLUMNS = {
    "lesion_type": ["normal", "normal", "bilateral", "physical", "physical", "physical"],
    "case": ["sub-1_T1w", "sub-2_T2w", "sub-1_T1w", "sub-1_T1w", "sub-2_T2w", "odd"],
    "contrast": torch.tensor([0.7, 2.2, 0.7, 0.7, 2.2, 2.4]),
    "lateral_position": [0.0, 0.0, 0.0, 0.1, 0.5, 0.9],
    "anterior_position": [0.0, 0.0, 0.0, 0.9, 0.9, 0.9],
    "score": torch.arange(6.0),
}


@pytest.mark.parametrize(
    ("grouping", "parts"),
    [
        ("scan", {"T1w": [0, 2, 3], "T2w": [1, 4], "other": [5]}),
        ("contrast", {"below 1 sd": [0, 1, 2, 3], "above 2 sd": [0, 1, 2, 4, 5]}),
        ("contrast of 1 sd and above", {"1 sd and above": [0, 1, 2, 4, 5]}),
        ("from the midline", {part: [0, 1, 2, 3 + n] for n, part in enumerate(GROUPS["from the midline"].names)}),
        ("from the back", {"front third": [0, 1, 2, 3, 4, 5]}),
    ],
)
def test_subgroups(grouping, parts):
    groups = split(COLUMNS, grouping)
    assert {name: columns["score"] for name, columns in groups.items()} == parts
    assert list(groups) == list(parts), "in their own order"


def test_an_unknown_grouping_lists_the_known_ones():
    with pytest.raises(ValueError, match=r"no grouping 'mood'.*scan, contrast"):
        split(COLUMNS, "mood")


def position(row, column, channel=0):
    image, label = torch.zeros(1, 2, 40, 60), torch.zeros(1, 2, 40, 60)
    image[:, :, :31, 10:51] = 1
    label[:, channel, row, column] = 1
    return [float(value) for value in lesion_position(label, image)]


@pytest.mark.parametrize("channel", [0, 1])
def test_a_position_is_a_share_of_the_brain(channel):
    assert position(slice(0, 1), slice(10, 11), channel) == [0, 0]
    assert position(slice(30, 31), slice(50, 51), channel) == [1, 1]
    assert position(slice(13, 18), slice(28, 33), channel) == [0.5, 0.5]


def test_a_slice_without_a_lesion_has_no_position():
    assert position(slice(0, 0), slice(0, 0)) == [0, 0]
