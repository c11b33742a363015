"""The aligned grid, and what is recorded of it."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from monai.data import MetaTensor

from scripts.midline import AlignMidline, AlignMidlined
from scripts.midline.plane import MidsagittalPlane
from tests.heads import Head, make_head

KNOWN = {"point": [0.0, 0.0, 0.0], "normal": [1.0, 0.0, 0.0]}


def known(head: Head) -> dict:
    return {"point": list(head.plane.point), "normal": list(head.plane.normal)}


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
    plain = {"yaw", "roll", "offset", "similarity", "angle_error", "offset_error", "point", "normal"}
    assert set(record) == plain
    flat = [v for item in record.values() for v in (item if isinstance(item, list) else [item])]
    assert all(type(v) is float for v in flat)
    assert record["yaw"] == pytest.approx(10, abs=0.3)
    assert record["roll"] == pytest.approx(-5, abs=0.3)


def test_a_known_plane_is_taken_as_it_is() -> None:
    head = make_head(yaw=10)
    transform = AlignMidlined("image", spacing=(3, 3, 3), plane_key="plane")
    record = transform({"image": head.brain, "plane": KNOWN})["image"].meta["midline"]
    assert record["yaw"] == 0
    assert record["angle_error"] is None
    right = transform({"image": head.brain, "plane": known(head)})["image"].meta["midline"]
    assert right["similarity"] > record["similarity"] + 0.05
    with pytest.raises(ValueError, match="plane_key 'plane' is not in the dictionary"):
        transform({"image": head.brain})


def test_a_slice_is_aligned_and_carried_back() -> None:
    head = make_head(yaw=12, shift=(5, -3, 0), voxel=(1.0, 1.0, 12.0), noise=0.02)
    cut = MetaTensor(head.brain.as_tensor()[..., 7], affine=head.image.affine)
    align = AlignMidline(spacing=(1, 2, 1))
    out = align(cut)
    assert out.ndim == 3
    assert out.shape[1] % 2 == 0
    found = MidsagittalPlane.from_mapping(out.meta["midline"])
    assert found.angle_to(head.plane) < 0.3
    assert abs(found.distance_to((5, -3, 0))) < 0.2
    middle = out.affine.numpy() @ [(out.shape[1] - 1) / 2, 9, 0, 1]
    assert found.distance_to([*middle[:2], 0]) == pytest.approx(0, abs=1e-6)
    back = align.inverse(out)
    assert back.shape == cut.shape
    inside = cut.as_tensor() != 0
    assert np.corrcoef(back.as_tensor()[inside], cut.as_tensor()[inside])[0, 1] > 0.9


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: AlignMidline(spacing=(1, 1)), "spacing must be three positive numbers"),
        (lambda: AlignMidline(spacing=(1, 0, 1)), "spacing must be three positive numbers"),
        (lambda: AlignMidline(margin=-1), "margin must not be negative"),
        (
            lambda: AlignMidline()(torch.ones(2, 4, 4, 4)),
            r"must be \(1, X, Y, Z\) or \(1, X, Y\), got shape \(2, 4, 4, 4\)",
        ),
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
