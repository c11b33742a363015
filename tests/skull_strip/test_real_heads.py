"""Real heads for the training of the skull strip: read on the grid of the label maps, whatever their own."""

from __future__ import annotations

import json
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest
import torch

from scripts.skull_strip.training.label_maps import STEP
from scripts.skull_strip.training.random_image import RandHeadImaged
from scripts.skull_strip.training.real_heads import ReadRealHeadd, real_heads
from tests.heads import make_head


@pytest.fixture(params=[(2.0, 2.0, 2.0), (1.5, 1.5, 3.0)])
def item(request: pytest.FixtureRequest, tmp_path: Path) -> dict[str, str]:
    """A head and its mask as two files."""
    head = make_head(contrast="T1", voxel=request.param)
    files = {"image": head.image.as_tensor()[0].numpy(), "brain_mask": head.mask[0].numpy()}
    for name, values in files.items():
        nib.save(nib.Nifti1Image(values, head.image.affine.numpy()), tmp_path / f"{name}.nii.gz")
    return {name: str(tmp_path / f"{name}.nii.gz") for name in files}


def test_a_brain_gets_the_canonical_size(item: dict[str, str]) -> None:
    made = ReadRealHeadd()(item)
    assert made["head"].shape == made["brain"].shape and made["head"].ndim == 4
    assert float(made["brain"].sum()) * STEP**3 / 1000 == pytest.approx(2050, rel=0.03)
    assert float(made["head"].min()) >= 0 and float(made["head"].max()) <= 1.2


def test_a_real_head_gives_random_images(item: dict[str, str]) -> None:
    draw = RandHeadImaged(canvas=(48, 48, 48), voxel=(4, 5)).set_random_state(seed=0)
    made = ReadRealHeadd()(item)
    images = [draw(made) for _ in range(3)]
    assert all(bool(torch.isfinite(image["image"]).all()) and float(image["label"].sum()) > 100 for image in images)
    assert not torch.equal(images[0]["image"], images[1]["image"])


def test_other_items_pass() -> None:
    assert ReadRealHeadd()({"seed": 3}) == {"seed": 3}


def test_a_datalist_gives_copies_with_absolute_paths(tmp_path: Path) -> None:
    file = tmp_path / "heads.json"
    file.write_text(json.dumps({"training": [{"image": "a.nii.gz", "brain_mask": "m.nii.gz"}]}))
    for name in ("a", "m"):
        nib.save(nib.Nifti1Image(np.zeros((2, 2, 2), np.uint8), np.eye(4)), tmp_path / f"{name}.nii.gz")
    items = real_heads(str(file), copies=2)
    assert len(items) == 2 and items[0]["brain_mask"] == str(tmp_path / "m.nii.gz")
    assert real_heads(None) == []


def test_a_scan_without_a_mask_is_named(tmp_path: Path) -> None:
    file = tmp_path / "heads.json"
    file.write_text(json.dumps({"training": [{"image": "a.nii.gz"}]}))
    with pytest.raises(ValueError, match=r"expected a 'brain_mask' for every scan, found none for .*a\.nii\.gz"):
        real_heads(str(file))
