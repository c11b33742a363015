"""The verb ``benchmark newborns`` on a small head drawn by formulas."""

import json
import shutil

import nibabel as nib
import numpy as np
import pytest

from bundle.research.benchmark.newborns import newborns, poses, same_lesion, scored
from bundle.research.benchmark.newborns.networks import SHIPPED_MODEL
from scripts.preprocessing.bias_field import METHODS
from tests.heads import make_head

COARSE = {"spacing": [2.0, 2.0, 4.0], "device": "cpu"}


@pytest.fixture(scope="module")
def heads(tmp_path_factory):
    """A T1- and a T2-like brain with noise, stripped before, which is quick, and a reference beside them."""
    folder = tmp_path_factory.mktemp("heads")
    for contrast in ("T1", "T2"):
        head = make_head("LAS", yaw=4.0, contrast=contrast, noise=0.02, asymmetry=0.03)
        affine = head.image.affine.numpy()
        brain = (head.image * head.mask)[0].numpy()
        nib.save(nib.Nifti1Image(brain, affine), folder / f"sub-1_{contrast}w.nii.gz")
        nib.save(nib.Nifti1Image(head.mask[0].numpy(), affine), folder / "sub-1_desc-brain_mask.nii.gz")
    return folder


@pytest.fixture(autouse=True)
def _coarse(monkeypatch):
    monkeypatch.setattr(scored, "SETTINGS", COARSE)
    monkeypatch.setattr(poses, "POSES", 2)
    monkeypatch.setattr(same_lesion, "SIZES", (20.0,))
    for cached in (scored.preprocessing_chain, scored.loaded):
        cached.cache_clear()
    yield
    for cached in (scored.preprocessing_chain, scored.loaded):
        cached.cache_clear()


def run(heads, folder, only, networks=None):
    newborns(str(heads), str(folder), networks, only=only, at_once=0)
    return json.loads((folder / "newborns.json").read_text())


def test_there_is_no_such_part(tmp_path):
    with pytest.raises(ValueError, match=r"no part 'thin'.*as_they_are, contrasts"):
        newborns(str(tmp_path), only="thin")


def test_masks_and_contrasts_are_measured_and_kept(heads, tmp_path, capsys):
    twice = tmp_path / "networks.json"
    twice.write_text(json.dumps([{"subjects": ["sub-1"], "model": SHIPPED_MODEL}] * 2))
    strip = run(heads, tmp_path, "strip", str(twice))["parts"]["strip"]
    assert strip["all"]["scans"] == 2 and strip["T1w"]["dice"][0] > 0.95
    both = run(heads, tmp_path, "contrasts", str(twice))
    assert list(both["parts"]) == ["contrasts", "strip"] and both["parts"]["strip"] == strip
    found = both["parts"]["contrasts"]
    assert found["plane_degrees"][0] < 1.5 and found["plane_mm"][0] < 1 and found["dice"][0] > 0.9
    assert -1 <= found["map_correlation"][0] <= 1 and found["score_correlation"] is None
    assert "Dice" in capsys.readouterr().out and "not for clinical use" in both["note"]


def test_a_scan_that_fails_is_named_and_the_exit_code_is_one(heads, tmp_path, capsys):
    shutil.copytree(heads, tmp_path / "heads")
    nothing = np.zeros((20, 20, 20), dtype=np.float32)
    nib.save(nib.Nifti1Image(nothing, np.diag([4.0, 4.0, 4.0, 1.0])), tmp_path / "heads" / "sub-2_T1w.nii.gz")
    (tmp_path / "heads" / "sub-3_T2w.nii.gz").write_bytes(b"no image")
    with pytest.raises(SystemExit) as left:
        newborns(str(tmp_path / "heads"), str(tmp_path), only="as_they_are", at_once=0)
    assert left.value.code == 1
    result = json.loads((tmp_path / "newborns.json").read_text())
    assert [(one["part"], one["case"]) for one in result["failed"]] == [
        ("as_they_are", "sub-2_T1w"),
        ("as_they_are", "sub-3_T2w"),
    ]
    assert "every voxel has the value 0" in result["failed"][0]["error"]
    assert "sub-3_T2w.nii.gz" in result["failed"][1]["error"]
    part = result["parts"]["as_they_are"]
    assert [scan["case"] for scan in part["scans"]] == ["sub-1_T1w", "sub-1_T2w"]
    rows = part["by_size"]["all"]["rows"]
    assert {row["lesion_type"] for row in rows} == {"physical", "painted"} and len(rows) == 20
    assert set(part["by_size"]["all"]["false_positive_rate"]) == {"normal", "bilateral"}
    out = capsys.readouterr().out
    assert "as_they_are, sub-3_T2w: failed: " in out and "nominal 1.5 %" in out


@pytest.mark.slow
def test_lesions_in_both_contrasts_poses_and_thick_slices(heads, tmp_path):
    lesions = run(heads, tmp_path, "same_lesion")["parts"]["same_lesion"]
    assert set(lesions) == {"20"} and lesions["20"]["lesions"] == 2
    again = run(heads, tmp_path, "repeatability")["parts"]["repeatability"]["all"]
    assert set(again) == {"as it is", "thick slices"}
    assert again["as it is"]["mirror_difference_worst"] < 0.01
    thick = run(heads, tmp_path, "thick")["parts"]["thick"]
    assert set(thick) == {"as they are", "sagittal slices", "coronal slices", "axial slices", "tight mask"}
    assert thick["tight mask"]["T2w"]["rows"][-1]["auc"][0] <= 1
    assert set(run(heads, tmp_path, "bias_field")["parts"]["bias_field"]) == set(METHODS)
