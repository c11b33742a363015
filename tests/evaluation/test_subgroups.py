"""Parts of an evaluation: where a lesion lies, and which rows belong to a part."""

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
        ("contrast, all but the faint", {"1 sd and above": [0, 1, 2, 4, 5]}),
        ("from the midline", {part: [0, 1, 2, 3 + n] for n, part in enumerate(GROUPS["from the midline"].names)}),
        ("from the back", {"front third": [0, 1, 2, 3, 4, 5]}),
    ],
)
def test_parts(grouping, parts):
    found = split(COLUMNS, grouping)
    assert {part: columns["score"] for part, columns in found.items()} == parts
    assert list(found) == list(parts), "in their own order"


def test_unknown_grouping_names_those_there_are():
    with pytest.raises(ValueError, match=r"no grouping 'mood'.*scan, contrast"):
        split(COLUMNS, "mood")


def place(row, column, half=0):
    image, label = torch.zeros(1, 2, 40, 60), torch.zeros(1, 2, 40, 60)
    image[:, :, :31, 10:51] = 1
    label[:, half, row, column] = 1
    return [float(value) for value in lesion_position(label, image)]


@pytest.mark.parametrize("half", [0, 1])
def test_place_is_a_share_of_the_brain(half):
    assert place(slice(0, 1), slice(10, 11), half) == [0, 0]
    assert place(slice(30, 31), slice(50, 51), half) == [1, 1]
    assert place(slice(13, 18), slice(28, 33), half) == [0.5, 0.5]


def test_no_lesion_has_no_place():
    assert place(slice(0, 0), slice(0, 0)) == [0, 0]
