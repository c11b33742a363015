"""Finding the plane, and the aligned grid."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from monai.data import MetaTensor

from scripts.midline import AlignMidline, AlignMidlined
from scripts.mirror import find_plane

from .heads import Head, make_head

KNOWN = {"point": [0.0, 0.0, 0.0], "normal": [1.0, 0.0, 0.0]}


def known(head: Head) -> dict:
    return {"point": list(head.plane.point), "normal": list(head.plane.normal)}


@pytest.mark.parametrize(
    ("head", "degrees", "millimetres"),
    [
        ({}, 0.1, 0.1),
        ({"yaw": 25, "roll": -25}, 0.3, 0.2),
        ({"yaw": -25, "roll": 8, "pitch": 15, "noise": 0.05}, 0.3, 0.2),
        ({"yaw": 7, "roll": 20, "shift": (10, -6, 4), "contrast": "T1", "noise": 0.02}, 0.3, 0.2),
        ({"yaw": -9, "roll": 4, "lesion": "left", "noise": 0.02}, 0.5, 0.3),
        ({"yaw": -9, "roll": 4, "lesion": "right", "contrast": "T1"}, 0.5, 0.3),
        ({"yaw": 3, "roll": 3, "asymmetry": 0.015, "contrast": "odd"}, 1.2, 0.5),
        ({"yaw": 11, "roll": -6, "voxel": (1.5, 1.5, 3.0), "noise": 0.02}, 0.5, 0.3),
        ({"yaw": 11, "roll": -6, "oblique": 20}, 0.3, 0.2),
    ],
)
def test_known_tilts_are_found(head: dict, degrees: float, millimetres: float) -> None:
    drawn = make_head(**head)
    plane, similarity = find_plane(drawn.brain, drawn.image.affine)
    assert plane.angle_to(drawn.plane) < degrees
    assert abs(drawn.plane.distance_to(plane.point)) < millimetres
    assert 0.8 < similarity <= 1


@pytest.mark.parametrize("size_x", [48, 49])
def test_a_mirrored_head_has_the_mirrored_plane(size_x: int) -> None:
    head = make_head(yaw=9, roll=-6, lesion="left", asymmetry=0.03, noise=0.03)
    brain, affine = head.brain.as_tensor()[0, :size_x], head.image.affine.numpy()
    flip = np.diag([-1.0, 1.0, 1.0, 1.0])
    flip[0, 3] = size_x - 1
    plane, similarity = find_plane(brain, affine)
    mirrored, again = find_plane(brain.flip(0), affine)
    expected = plane.mapped(affine @ flip @ np.linalg.inv(affine))
    assert mirrored.angle_to(expected) < 1e-3
    assert abs(expected.distance_to(mirrored.point)) < 1e-3
    assert again == pytest.approx(similarity, abs=1e-5)


def test_the_search_is_deterministic_and_leaves_the_global_generator_alone() -> None:
    head = make_head(yaw=5, noise=0.05)
    state = torch.get_rng_state()
    first = find_plane(head.brain, head.image.affine)
    assert first == find_plane(head.brain, head.image.affine)
    assert torch.equal(state, torch.get_rng_state())


def test_brightness_and_a_mean_of_zero_do_not_matter() -> None:
    head = make_head(yaw=8, roll=5, lesion="left")
    brain, mask = head.brain.as_tensor(), head.mask.bool()
    plane, _ = find_plane(brain, head.image.affine)
    normalised = torch.where(mask, 3 * (brain - brain[mask].mean()), 0.0)
    assert find_plane(normalised, head.image.affine)[0].angle_to(plane) < 1e-3


def test_the_grid_is_the_heads_own() -> None:
    head = make_head(yaw=14, roll=-9, pitch=6, shift=(4, -3, 2), voxel=(2, 2, 2))
    out = AlignMidline(spacing=(1.5, 2.0, 2.5))(head.brain, known(head))
    affine = out.affine.numpy()
    assert out.shape[1] % 2 == 0
    np.testing.assert_allclose(np.linalg.norm(affine[:3, :3], axis=0), (1.5, 2.0, 2.5), atol=1e-9)
    assert np.linalg.det(affine[:3, :3]) > 0
    middle = affine @ [(out.shape[1] - 1) / 2, 11.0, 3.0, 1.0]
    assert head.plane.distance_to(middle[:3]) == pytest.approx(0, abs=1e-9)
    right = affine @ [out.shape[1] - 1, 11.0, 3.0, 1.0]
    assert head.plane.distance_to(right[:3]) > 20
    # A symmetric head is symmetric on its own grid.
    image = out.as_tensor()
    brain = image != 0
    assert float((image - image.flip(1)).abs()[brain & brain.flip(1)].mean()) < 0.15 * float(image[brain].std())


def test_nothing_is_cut_off_and_the_edge_is_not_darkened() -> None:
    head = make_head(yaw=14, roll=-9)
    flat = MetaTensor(head.mask.float() * 5, affine=head.image.affine)
    out = AlignMidline(spacing=(3, 3, 3))(flat, known(head)).as_tensor()
    values = out[out != 0]
    assert float(values.min()) == pytest.approx(5, abs=1e-4)
    assert float(values.max()) == pytest.approx(5, abs=1e-4)
    assert len(values) == pytest.approx(int(head.mask.sum()), rel=0.02)
    for axis in (1, 2, 3):
        assert not out.select(axis, 0).any()
        assert not out.select(axis, -1).any()


def test_the_inverse_returns_to_the_grid_and_smears_nothing() -> None:
    head = make_head("LPS", yaw=14, roll=-9, voxel=(2, 3, 2.5), lesion="right")
    align = AlignMidline(spacing=(1, 1, 1))
    out = align(head.brain, known(head))
    ones = out.clone()
    ones[:] = 1
    back = align.inverse(out)
    assert back.shape == head.image.shape
    np.testing.assert_allclose(back.affine, head.image.affine, atol=1e-9)
    assert not back.applied_operations
    inside = back.as_tensor()[head.mask.bool()], head.brain.as_tensor()[head.mask.bool()]
    assert np.corrcoef(*inside)[0, 1] > 0.95
    carried = align.inverse(ones).as_tensor()
    assert float(carried[head.mask.bool()].min()) > 0.99
    assert float(carried[:, 0, 0, 0]) == 0


def test_the_record_is_plain() -> None:
    head = make_head(yaw=10, roll=-5)
    record = AlignMidlined("image", spacing=(3, 3, 3))({"image": head.brain})["image"].meta["midline"]
    assert set(record) == {"yaw", "roll", "offset", "similarity", "point", "normal"}
    flat = [v for item in record.values() for v in (item if isinstance(item, list) else [item])]
    assert all(type(v) is float for v in flat)
    assert record["yaw"] == pytest.approx(10, abs=0.3)
    assert record["roll"] == pytest.approx(-5, abs=0.3)


def test_a_known_plane_is_taken_as_it_is() -> None:
    head = make_head(yaw=10)
    transform = AlignMidlined("image", spacing=(3, 3, 3), plane_key="plane")
    record = transform({"image": head.brain, "plane": KNOWN})["image"].meta["midline"]
    assert record["yaw"] == 0
    right = transform({"image": head.brain, "plane": known(head)})["image"].meta["midline"]
    assert right["similarity"] > record["similarity"] + 0.05
    with pytest.raises(ValueError, match="plane_key 'plane' is not in the dictionary"):
        transform({"image": head.brain})


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: AlignMidline(spacing=(1, 1)), "spacing must be three positive numbers"),
        (lambda: AlignMidline(spacing=(1, 0, 1)), "spacing must be three positive numbers"),
        (lambda: AlignMidline(margin=-1), "margin must not be negative"),
        (lambda: AlignMidline()(torch.ones(2, 4, 4, 4)), r"must be \(1, X, Y, Z\), got shape \(2, 4, 4, 4\)"),
        (lambda: find_plane(torch.ones(4, 4), np.eye(4)), "must be .* got shape"),
        (
            lambda: AlignMidline()(
                MetaTensor(torch.zeros(1, 9, 9, 9), meta={"filename_or_obj": "/data/sub-7_T2w.nii.gz"})
            ),
            "sub-7_T2w.nii.gz is 0 everywhere",
        ),
    ],
)
def test_errors_name_what_is_wrong(call, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        call()
