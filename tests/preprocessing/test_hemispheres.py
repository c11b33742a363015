"""The pair of hemispheres, alone and at the end of the whole chain."""

from __future__ import annotations

from pathlib import Path

import nibabel as nib
import numpy as np
import pytest
import torch
from monai.data import MetaTensor, decollate_batch, list_data_collate
from monai.transforms import (
    Compose,
    EnsureChannelFirstd,
    Invertd,
    LoadImaged,
    Orientationd,
)

from scripts.midline import AlignMidlined
from scripts.preprocessing.hemispheres import SplitHemispheres, SplitHemispheresd, merge_hemispheres, split_hemispheres
from scripts.preprocessing.intensity import NormalizeBraind
from scripts.skull_strip import SkullStripd
from tests.heads import make_head

POSE = {"yaw": 9.0, "roll": -7.0, "pitch": 5.0, "shift": (3.0, -4.0, 5.0), "voxel": (2.5, 3.0, 3.5)}


def chain(**split) -> Compose:
    return Compose(
        [
            LoadImaged("image"),
            EnsureChannelFirstd("image"),
            Orientationd("image", axcodes="RAS", labels=None),
            SkullStripd("image"),
            NormalizeBraind("image"),
            AlignMidlined("image", spacing=(2, 2, 3)),
            SplitHemispheresd("image", **split),
        ]
    )


def written(folder: Path, head) -> str:
    path = folder / "head.nii.gz"
    nib.save(nib.Nifti1Image(head.image[0].numpy(), head.image.affine.numpy()), path)
    return str(path)


def test_channels_and_the_midline() -> None:
    image = torch.arange(6.0).reshape(1, 6, 1, 1)
    pair = split_hemispheres(image, divisible=1)
    assert pair[0].flatten().tolist() == [2, 1, 0]
    assert pair[1].flatten().tolist() == [3, 4, 5]


def test_an_odd_head_shares_its_middle_column() -> None:
    image = torch.arange(5.0).reshape(1, 5, 1)
    pair = split_hemispheres(image, divisible=1)
    assert pair[..., 0].tolist() == [[2, 1, 0], [2, 3, 4]]
    pair[:, 0] = torch.tensor([[4.0], [8.0]])
    assert merge_hemispheres(pair, (5, 1)).flatten().tolist() == [0, 1, 6, 3, 4]


@pytest.mark.parametrize("shape", [(8, 9), (7, 9), (8, 9, 5), (9, 8, 5), (10, 12, 1)])
@pytest.mark.parametrize("size", [None, (7, 13), (7, 12), (3, 4), (3, 5), (5, 40)])
def test_merge_undoes_split(shape: tuple, size: tuple | None) -> None:
    image = torch.rand(1, *shape) + 1
    pair = split_hemispheres(image, size, divisible=4)
    half = -(-shape[0] // 2)
    assert pair.shape[1:3] == (size or (-(-half // 4) * 4, -(-shape[1] // 4) * 4))
    merged = merge_hemispheres(pair, shape)
    kept = merged != 0
    assert torch.equal(merged[kept], image[kept])
    fits = size is None or (size[0] >= half and size[1] >= shape[1])
    assert bool(kept.all()) == fits
    # The midline's own columns survive any crop.
    assert bool(kept[:, shape[0] // 2 - 1 : half + 1, shape[1] // 2].all())


@pytest.mark.parametrize("width", [2, 3, 7, 8])
def test_a_mirrored_head_is_the_swapped_pair(width: int) -> None:
    image = torch.rand(1, width, 6, 4)
    assert torch.equal(split_hemispheres(image.flip(1)), split_hemispheres(image).flip(0))


@pytest.mark.parametrize("width", [7, 8])
@pytest.mark.parametrize("size", [None, (6, 16), (3, 5)])
def test_the_affine_is_the_right_halfs_and_comes_back(size: tuple | None, width: int) -> None:
    affine = torch.diag(torch.tensor([2.0, 3.0, 4.0, 1.0], dtype=torch.float64))
    image = MetaTensor(torch.rand(1, width, 9, 5), affine=affine)
    split = SplitHemispheres(size)
    pair = split(image)
    place = (image.as_tensor()[0] == pair.as_tensor()[1, 1, pair.shape[2] // 2, 3]).nonzero()[0].double()
    index = torch.tensor([1, pair.shape[2] // 2, 3, 1], dtype=torch.float64)
    assert torch.allclose((pair.affine @ index)[:3], place * torch.tensor([2.0, 3.0, 4.0]))
    back = split.inverse(pair)
    assert back.shape == image.shape
    assert torch.allclose(back.affine, affine)
    assert not back.applied_operations


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: split_hemispheres(torch.ones(1, 1, 4, 4)), "two voxels or more to be split, got 1"),
        (lambda: split_hemispheres(torch.ones(2, 8, 4, 4)), r"must be \(1, X, Y\).*got shape \(2, 8, 4, 4\)"),
        (lambda: split_hemispheres(torch.ones(8, 4)), "must be"),
        (lambda: merge_hemispheres(torch.ones(1, 8, 4), (16, 4)), r"pair must be \(2, H, W\)"),
        (lambda: merge_hemispheres(torch.ones(2, 8, 4), (1, 4)), "two voxels or more to be split, got 1"),
        (lambda: SplitHemispheres(size=(4, 0)), "size must be two positive integers"),
        (lambda: SplitHemispheres(size=(4,)), "size must be two positive integers"),
        (lambda: SplitHemispheres(divisible=0), "divisible must be a positive integer"),
    ],
)
def test_errors_name_what_is_wrong(call, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        call()


@pytest.fixture(scope="module")
def ras_pair(tmp_path_factory: pytest.TempPathFactory) -> MetaTensor:
    path = written(tmp_path_factory.mktemp("ras"), make_head("RAS", **POSE, lesion="left"))
    return chain(size=(32, 64))({"image": path})["image"]


def test_the_left_lesion_lands_in_channel_0(ras_pair: MetaTensor) -> None:
    head = make_head("RAS", **POSE, lesion="left")
    affine = head.image.affine.numpy()
    lesion = affine @ np.c_[np.argwhere(head.lesion[0].numpy()), np.ones(int(head.lesion.sum()))].T
    assert head.plane.distance_to(lesion[:3].mean(axis=1)) < -10
    # The pair's affine is the right half's, so a point on the left is looked up through the mirror.
    index = np.linalg.inv(ras_pair.affine.numpy()) @ head.plane.reflection() @ lesion
    left, right = ras_pair.numpy()[(slice(None), *np.rint(index[:3]).astype(int))]
    assert left.mean() < right.mean() - 1


@pytest.mark.parametrize("orientation", ["LAS", "AIR"])
def test_the_pair_is_the_same_however_the_file_is_written(
    tmp_path: Path, orientation: str, ras_pair: MetaTensor
) -> None:
    head = make_head(orientation, **POSE, lesion="left")
    pair = chain(size=(32, 64))({"image": written(tmp_path, head)})["image"]
    torch.testing.assert_close(pair.as_tensor(), ras_pair.as_tensor(), atol=1e-4, rtol=0)


@pytest.mark.parametrize(
    ("orientation", "oblique", "size"),
    [("LAS", 0, (20, 50)), ("AIR", 0, (40, 80)), ("LPS", 15, None)],
)
def test_a_map_returns_to_the_native_voxels(
    tmp_path: Path, orientation: str, oblique: float, size: tuple | None
) -> None:
    head = make_head(orientation, **POSE, lesion="left", oblique=oblique)
    transform = chain(size=size)
    item = decollate_batch(list_data_collate([transform({"image": written(tmp_path, head)})]))[0]
    prediction = MetaTensor(torch.zeros(item["image"].shape))
    prediction[0] = 1
    item["pred"] = prediction
    back = Invertd("pred", transform=transform, orig_keys="image", nearest_interp=False)(item)["pred"]
    assert back.shape == head.image.shape
    np.testing.assert_allclose(back.affine, head.image.affine, atol=1e-5)
    assert float(back.as_tensor()[head.lesion.bool()].mean()) > 0.95
    index = np.argwhere(head.mask[0].numpy() > 0)
    world = index @ head.image.affine.numpy()[:3, :3].T + head.image.affine.numpy()[:3, 3]
    side = np.array([head.plane.distance_to(point) for point in world[::17]])
    values = back.numpy()[0][tuple(index[::17].T)]
    assert values[side > 5].max() == 0
    if size is None:
        assert values[side < -5].mean() > 0.95
