"""Skull stripping on heads whose brain is known."""

from __future__ import annotations

from pathlib import Path

import nibabel as nib
import numpy as np
import pytest
import torch
from monai.data import MetaTensor, pickle_hashing
from monai.transforms import Compose, LoadImaged, Orientationd

from scripts.skull_strip import SkullStrip, SkullStripd
from scripts.skull_strip.already_stripped import is_stripped
from scripts.skull_strip.external_tools import EXTERNAL_TOOLS, ExternalTool
from tests.heads import CONTRASTS, Head, make_head


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
    brain, mask = SkullStrip("classic")(head.image)
    assert dice(mask.as_tensor(), head) > 0.93
    assert mask.dtype == torch.uint8
    assert brain.shape == mask.shape == head.image.shape
    kept = mask.as_tensor() > 0
    assert not brain.as_tensor()[~kept].any()
    assert torch.equal(brain.as_tensor()[kept], head.image.as_tensor()[kept])


def test_scale_of_the_intensities_does_not_matter() -> None:
    head = make_head(noise=0.02)
    _, mask = SkullStrip("classic")(head.image)
    _, large = SkullStrip("classic")(MetaTensor(head.image.as_tensor() * 4000, affine=head.image.affine))
    assert torch.equal(mask.as_tensor(), large.as_tensor())


def test_a_mirrored_head_has_the_mirrored_mask() -> None:
    head = make_head(yaw=5, roll=3, noise=0.02, lesion="left")
    _, mask = SkullStrip("classic")(head.image)
    _, mirrored = SkullStrip("classic")(MetaTensor(head.image.as_tensor().flip(1), affine=head.image.affine))
    assert int((mirrored.as_tensor().flip(1) != mask.as_tensor()).sum()) <= 0.001 * int(mask.sum())


@pytest.mark.parametrize("contrast", CONTRASTS)
@pytest.mark.parametrize("voxel", [(1.5, 1.5, 1.5), (3, 3, 3)])
def test_an_already_stripped_brain_is_kept(contrast: str, voxel: tuple) -> None:
    head = make_head(contrast=contrast, voxel=voxel, noise=0.02)
    brain, mask = SkullStrip("classic")(head.brain)
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


def write(array: torch.Tensor, affine: np.ndarray, path: Path) -> Path:
    nib.save(nib.Nifti1Image(array.numpy().astype(np.float32), affine), path)
    return path


@pytest.mark.parametrize("name", ["sub-7_desc-brain_mask.nii.gz", "sub-7_T2w_desc-brain_mask.nii"])
def test_a_mask_beside_the_scan_is_taken(tmp_path: Path, name: str) -> None:
    head = make_head(orientation="LPS")
    affine = head.image.affine.numpy()
    scan = write(head.image.as_tensor()[0], affine, tmp_path / "sub-7_T2w.nii.gz")
    write(head.mask[0], affine, tmp_path / name)
    chain = Compose(
        [
            LoadImaged("image", ensure_channel_first=True),
            Orientationd("image", axcodes="RAS", labels=None),
            SkullStripd("image", method="given"),
        ]
    )
    out = chain({"image": str(scan)})
    # The chain turned the scan to RAS; the mask on disk is still LPS.
    assert torch.equal(out["brain_mask"].as_tensor().flip(1, 2), head.mask)


def test_a_mask_file_on_another_grid_is_brought_to_the_scans(tmp_path: Path) -> None:
    head = make_head()
    affine = head.image.affine.numpy().copy()
    affine[:3, 3] += affine[:3, :3] @ [5, 5, 5]
    file = write(head.mask[0, 5:, 5:, 5:], affine, tmp_path / "mask.nii.gz")
    out = SkullStripd("image", method="given", given_key="mask")({"image": head.image, "mask": str(file)})
    assert torch.equal(out["brain_mask"].as_tensor(), head.mask)


@pytest.mark.parametrize("method", ["learned", "classic"])
@pytest.mark.parametrize("contrast", ["T1", "T2"])
def test_a_slice_is_stripped(method: str, contrast: str) -> None:
    head = make_head(contrast=contrast, voxel=(1, 1, 3), noise=0.02)
    middle = head.image.shape[3] // 2 + 2
    image, truth = head.image.as_tensor()[..., middle], head.mask[..., middle] > 0
    brain, mask = SkullStrip(method)(MetaTensor(image, affine=head.image.affine))
    found = mask.as_tensor() > 0
    assert brain.shape == mask.shape == image.shape
    assert 2 * float((found & truth).sum()) / float(found.sum() + truth.sum()) > 0.9
    again, kept = SkullStrip(method)(MetaTensor(image * truth, affine=head.image.affine))
    assert torch.equal(again.as_tensor(), image * truth)
    assert torch.equal(kept.as_tensor() > 0, (image * truth) != 0)


@pytest.mark.parametrize("name", EXTERNAL_TOOLS)
def test_a_peer_that_is_not_installed_names_its_package(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda module: None)
    with pytest.raises(
        ModuleNotFoundError, match=f"'{name}' needs the package .*pip install {EXTERNAL_TOOLS[name].package}"
    ):
        SkullStrip(name)


def test_a_peer_gets_the_head_and_gives_its_mask(monkeypatch: pytest.MonkeyPatch) -> None:
    def run(head: Path, mask: Path) -> None:
        image = nib.load(head)
        nib.save(nib.Nifti1Image((image.get_fdata() > 0.45).astype(np.uint8), image.affine), mask)

    monkeypatch.setitem(EXTERNAL_TOOLS, "deepbet", ExternalTool("deepbet", "numpy", "", run))
    head = make_head(orientation="AIR", voxel=(2, 3, 2.5))
    _, mask = SkullStrip("deepbet")(head.image)
    assert torch.equal(mask.as_tensor() > 0, head.image.as_tensor() > 0.45)


def test_the_inverse_leaves_a_map_alone() -> None:
    strip = SkullStripd("image", mask_key=None, method="classic")
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
        (
            lambda: SkullStrip("bet"),
            r"method must be one of \['classic', 'deepbet', .*\] or a file of weights .*, got 'bet'",
        ),
        (
            lambda: SkullStrip("classic")(torch.ones(2, 8, 8, 8)),
            r"must be \(1, X, Y, Z\), or .*, got shape \(2, 8, 8, 8\)",
        ),
        (lambda: SkullStrip("classic")(torch.full((1, 8, 8, 8), torch.nan)), "NaN or infinite"),
        (
            lambda: SkullStrip("classic")(MetaTensor(torch.zeros(1, 9, 9, 9), meta=NAMED)),
            "of sub-7_T2w.nii.gz found no brain",
        ),
        (lambda: SkullStrip("classic")(torch.ones(1, 60, 60, 60)), "found no brain at all, expected 50 to 2500 ml"),
        (
            lambda: SkullStrip("none")(torch.ones(1, 20, 20, 20)),
            "found a brain of 8 ml, expected 50 to 2500 ml",
        ),
        (lambda: SkullStrip("none")(torch.ones(1, 200, 200, 200)), "found a brain of 8000 ml"),
        (lambda: SkullStrip("given")(torch.ones(1, 9, 9, 9)), "needs a brain mask, found none: set given_key"),
        (
            lambda: SkullStrip("given")(MetaTensor(torch.ones(1, 9, 9, 9), meta=NAMED)),
            "found none; looked for sub-7_T2w_desc-brain_mask.nii.gz, .* in /data",
        ),
        (lambda: SkullStrip("given")(torch.ones(1, 9, 9, 9), "/data/none.nii"), "/data/none.nii does not exist"),
        (lambda: SkullStrip("none")(torch.zeros(1, 9, 9)), "found no brain at all in the slice"),
        (
            lambda: SkullStrip("given")(torch.ones(1, 9, 9, 9), torch.ones(1, 9, 9, 8)),
            r"must have the image's shape \(1, 9, 9, 9\), got \(1, 9, 9, 8\)",
        ),
    ],
)
def test_errors_name_what_is_wrong(call, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        call()


def test_a_cache_tells_editions_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    before = pickle_hashing(SkullStripd("image"))
    assert pickle_hashing(SkullStripd("image")) == before
    monkeypatch.setattr("scripts.skull_strip.transform.EDITION", 0)
    assert pickle_hashing(SkullStripd("image")) != before
