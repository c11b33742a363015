"""A preprocessing that is disturbed by nothing is the usual one; by something, by just that much."""

import nibabel as nib
import numpy as np
import pytest
import torch
from monai.bundle import ConfigParser

from scripts.midline.find_plane import find_plane
from scripts.preprocessing import preprocessing as unperturbed
from scripts.preprocessing.perturbed import PerturbMidlined, PerturbOutlined, depth, preprocessing
from tests.conftest import ROOT, TRAIN
from tests.heads import make_head

SIZE = (48, 80)
SPACING = (2.0, 2.0, 2.0)


@pytest.fixture(scope="module")
def scan(tmp_path_factory):
    head = make_head("LPS", yaw=6.0, voxel=(2.5, 3.0, 3.5))
    path = tmp_path_factory.mktemp("scan") / "head.nii.gz"
    nib.save(nib.Nifti1Image(head.image[0].numpy(), head.image.affine.numpy()), path)
    return {"image": str(path), "case": "head"}


@pytest.fixture(scope="module")
def brain(scan):
    steps = unperturbed(spacing=SPACING, size=SIZE).transforms
    data = dict(scan)
    for step in steps[:5]:
        data["head"] = data["image"]
        data = step(data)
    return data


def test_nothing_disturbed_is_the_usual_way(scan):
    usual, same = (make(spacing=SPACING, size=SIZE)(dict(scan))["image"] for make in (unperturbed, preprocessing))
    assert torch.allclose(usual.as_tensor(), same.as_tensor(), atol=1e-4)


@pytest.mark.parametrize(("mm", "yaw"), [(1.5, 0.0), (0.0, 4.0), (-1.0, 2.0)])
def test_the_midline_is_off_by_just_that_much(brain, mm, yaw):
    found = find_plane(brain["image"], brain["image"].affine).plane
    off = PerturbMidlined("image", mm, yaw)(brain)["plane_off"]
    assert off.yaw - found.yaw == pytest.approx(yaw, abs=0.2)  # about the head's own axis, not the scanner's
    assert off.angle_to(found) == pytest.approx(abs(yaw), abs=1e-3)
    middle = brain["image"].affine.numpy() @ [*np.argwhere(brain["image"][0].numpy() != 0).mean(0), 1]
    assert found.distance_to(middle[:3]) - off.distance_to(middle[:3]) == pytest.approx(mm, abs=0.1)


@pytest.mark.parametrize("rim", [1.0, 3.0])
def test_the_rim_moves_in_and_out_by_about_that_much(brain, rim):
    before = brain["image"][0].numpy() != 0
    after = PerturbOutlined("image", rim)(brain)["image"]
    assert torch.equal(after, PerturbOutlined("image", rim)(brain)["image"]), "the same for a case every time"
    assert not torch.equal(after, PerturbOutlined("image", rim)({**brain, "case": "other"})["image"])
    kept = after[0].numpy() != 0
    spacing = np.array([2.5, 3.0, 3.5])
    moved = depth(before, spacing)[kept != before]
    assert (moved > 0).any() and (moved < 0).any()
    assert np.abs(moved).max() < 5 * rim
    assert np.array_equal(after[0].numpy()[kept], brain["head"][0].numpy()[kept]), "what is kept is the head's own"


def test_no_rim_to_move_keeps_the_brain(brain):
    assert torch.equal(PerturbOutlined("image", 0.0)(brain)["image"].as_tensor(), brain["image"].as_tensor())


def test_depth_is_a_signed_distance():
    mask = np.zeros((9, 1, 1), dtype=bool)
    mask[3:6] = True
    assert depth(mask, np.array([2.0, 2.0, 2.0])).ravel().tolist() == [-5, -3, -1, 1, 3, 1, -1, -3, -5]


def test_the_overlay_reaches_the_evaluation(tmp_path):
    parser = ConfigParser()
    parser.read_config([TRAIN, str(ROOT / "configs" / "evaluate.json"), str(ROOT / "configs" / "perturbed.json")])
    parser.update({"bundle_root": str(ROOT), "midline_mm": 1.5, "outline_sd_mm": 0.6})
    steps = parser.get_parsed_content("validate::preprocessing").transforms
    (off,) = [step for step in steps if isinstance(step, PerturbMidlined)]
    (rim,) = [step for step in steps if isinstance(step, PerturbOutlined)]
    assert (off.midline_mm, off.midline_yaw, rim.outline_sd_mm) == (1.5, 0.0, 0.6)
