"""A second head in the field of view, and a head that stands on its crown."""

from __future__ import annotations

import pytest
import torch
from monai.data import MetaTensor

from scripts.quality.head import head_measurements
from scripts.quality.rules import upside_down
from tests.heads import make_head


@pytest.mark.parametrize("contrast", ["T1", "T2", "odd"])
@pytest.mark.parametrize("voxel", [(3.0, 3.0, 3.0), (1.5, 1.5, 4.0)])
def test_one_head_is_one_and_two_are_two(contrast: str, voxel: tuple[float, float, float]) -> None:
    head = make_head(contrast=contrast, voxel=voxel, noise=0.03)
    for image in (head.image, head.brain):
        assert head_measurements(image)["heads"] == 1
    for axis in (1, 2, 3):
        two = MetaTensor(torch.cat([head.image, head.image], dim=axis), affine=head.image.affine)
        assert head_measurements(two)["heads"] == 2


@pytest.mark.parametrize("contrast", ["T1", "T2", "odd"])
def test_a_head_on_its_crown_stands_out(contrast: str) -> None:
    head = make_head(contrast=contrast, voxel=(2.0, 2.0, 2.0), noise=0.02)
    brain_ml = float(head.mask.sum()) * 8 / 1000
    upright, turned = (head_measurements(image) for image in (head.image, head.image.flip(3)))
    assert (turned["end_above"], turned["end_below"]) == (upright["end_below"], upright["end_above"])
    assert not upside_down({**upright, "brain_ml": brain_ml})
    assert upside_down({**turned, "brain_ml": brain_ml})
    cut = head_measurements(head.brain[..., : head.brain.shape[3] // 2])
    assert cut["end_above"] > 0.5
    assert not upside_down({**cut, "brain_ml": cut["head_ml"]}), "a stripped brain that is cut has no neck"
    assert not upside_down({"brain_ml": brain_ml}), "a slice"
