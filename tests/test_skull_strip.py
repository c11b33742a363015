"""Skull stripping on heads whose brain is known."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from monai.data import MetaTensor

from scripts.classic import is_stripped
from scripts.skull_strip import SkullStrip, SkullStripd

from .heads import CONTRASTS, Head, make_head


def dice(found: torch.Tensor, head: Head) -> float:
    found, truth = torch.as_tensor(found) > 0, head.mask > 0
    return 2 * float((found & truth).sum()) / float(found.sum() + truth.sum())


@pytest.mark.parametrize("contrast", CONTRASTS)
@pytest.mark.parametrize(
    "pose",
    [
        {"voxel": (2.5, 2.5, 2.5), "noise": 0.02},
        {"voxel": (1.5, 1.5, 3), "noise": 0.04, "yaw": 12, "roll": -9, "pitch": 8},
        {"voxel": (3, 3, 3), "scale": 1.25, "shift": (5, 0, -10)},
    ],
)
def test_the_brain_is_found_in_every_contrast(contrast: str, pose: dict) -> None:
    head = make_head(contrast=contrast, **pose)
    brain, mask = SkullStrip()(head.image)
    assert dice(mask.as_tensor(), head) > 0.93
    assert mask.dtype == torch.uint8
    assert brain.shape == mask.shape == head.image.shape
    kept = mask.as_tensor() > 0
    assert not brain.as_tensor()[~kept].any()
    assert torch.equal(brain.as_tensor()[kept], head.image.as_tensor()[kept])


def test_scale_of_the_intensities_does_not_matter() -> None:
    head = make_head(noise=0.02)
    _, mask = SkullStrip()(head.image)
    _, large = SkullStrip()(MetaTensor(head.image.as_tensor() * 4000, affine=head.image.affine))
    assert torch.equal(mask.as_tensor(), large.as_tensor())


def test_a_mirrored_head_has_the_mirrored_mask() -> None:
    head = make_head(yaw=5, roll=3, noise=0.02, lesion="left")
    _, mask = SkullStrip()(head.image)
    _, mirrored = SkullStrip()(MetaTensor(head.image.as_tensor().flip(1), affine=head.image.affine))
    assert int((mirrored.as_tensor().flip(1) != mask.as_tensor()).sum()) <= 0.001 * int(mask.sum())


@pytest.mark.parametrize("contrast", CONTRASTS)
@pytest.mark.parametrize("voxel", [(1.5, 1.5, 1.5), (3, 3, 3)])
def test_an_already_stripped_brain_is_kept(contrast: str, voxel: tuple) -> None:
    head = make_head(contrast=contrast, voxel=voxel, noise=0.02)
    brain, mask = SkullStrip()(head.brain)
    assert torch.equal(brain.as_tensor(), head.brain.as_tensor())
    assert dice(mask.as_tensor(), head) > 0.999


@pytest.mark.parametrize("contrast", CONTRASTS)
def test_a_whole_head_with_its_air_set_to_zero_is_not_taken_for_stripped(contrast: str) -> None:
    head = make_head(contrast=contrast, voxel=(2, 2, 2))
    assert not is_stripped(head.image.as_tensor()[0], np.array([2.0, 2.0, 2.0]))
    # Nor with the neck out of the field of view.
    assert not is_stripped(head.image.as_tensor()[0, :, :, 30:], np.array([2.0, 2.0, 2.0]))


def test_methods_none_and_given() -> None:
    head = make_head()
    _, everything = SkullStrip("none")(head.brain)
    assert torch.equal(everything.as_tensor() > 0, head.brain.as_tensor() != 0)
    out = SkullStripd("image", method="given", given_key="mask")({"image": head.image, "mask": head.mask})
    assert torch.equal(out["brain_mask"].as_tensor(), head.mask)
    assert torch.equal(out["image"].as_tensor(), head.brain.as_tensor())


def test_the_inverse_leaves_a_map_alone() -> None:
    strip = SkullStripd("image", mask_key=None)
    out = strip({"image": make_head().image})
    assert set(out) == {"image"}
    assert len(out["image"].applied_operations) == 1
    back = strip.inverse(out)
    assert torch.equal(back["image"].as_tensor(), out["image"].as_tensor())
    assert not back["image"].applied_operations


NAMED = {"filename_or_obj": "/data/sub-7_T2w.nii.gz"}


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: SkullStrip("bet"), r"method must be one of \['classic', 'given', 'none'\], got 'bet'"),
        (lambda: SkullStripd("image", method="given"), "given_key must name the mask's key"),
        (lambda: SkullStrip()(torch.ones(2, 8, 8, 8)), r"must be \(1, X, Y, Z\), got shape \(2, 8, 8, 8\)"),
        (lambda: SkullStrip()(torch.full((1, 8, 8, 8), torch.nan)), "NaN or infinite"),
        (
            lambda: SkullStrip()(MetaTensor(torch.zeros(1, 9, 9, 9), meta=NAMED)),
            "of sub-7_T2w.nii.gz found no brain",
        ),
        (lambda: SkullStrip()(torch.ones(1, 60, 60, 60)), "found no brain at all, expected 50 to 2500 ml"),
        (
            lambda: SkullStrip("none")(torch.ones(1, 20, 20, 20)),
            "found a brain of 8 ml, expected 50 to 2500 ml",
        ),
        (lambda: SkullStrip("none")(torch.ones(1, 200, 200, 200)), "found a brain of 8000 ml"),
        (lambda: SkullStrip("given")(torch.ones(1, 9, 9, 9)), "needs a brain mask, found none"),
        (
            lambda: SkullStrip("given")(torch.ones(1, 9, 9, 9), torch.ones(1, 9, 9, 8)),
            r"must have the image's shape \(1, 9, 9, 9\), got \(1, 9, 9, 8\)",
        ),
    ],
)
def test_errors_name_what_is_wrong(call, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        call()
