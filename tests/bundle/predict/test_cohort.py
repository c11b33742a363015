"""The cohort on disk: files, truth, split by subject, resuming, the same from any number of workers."""

from __future__ import annotations

import json
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest
from filelock import FileLock

from scripts.data.datalist import dataset
from scripts.phantom.cohort import SPLIT, lock, make_cohort, split_subjects


def voxels(root: Path) -> dict[str, bytes]:
    return {str(path.relative_to(root)): path.read_bytes() for path in sorted(root.rglob("*.nii.gz"))}


@pytest.fixture(scope="module")
def datalist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_cohort(tmp_path_factory.mktemp("cohort"), subjects=3, seed=7, workers=2, spacing=3.0)


def test_every_item_is_a_scan_with_its_truth(datalist: Path) -> None:
    content = json.loads(datalist.read_text())
    assert "SIMULATED" in content["description"]
    assert all(content[name] for name in SPLIT)
    for item in (item for name in SPLIT for item in content[name]):
        assert set(item) == {"image", "brain_mask", "subject", "contrast", "plane", "asymmetry", "age_weeks"}
        image, mask = (nib.load(datalist.parent / item[key]) for key in ("image", "brain_mask"))
        assert image.get_data_dtype() == np.int16
        assert int(image.header["sform_code"]) == int(image.header["qform_code"]) == 1
        assert np.allclose(image.get_qform(), image.get_sform(), atol=1e-3)
        assert np.allclose(image.affine, mask.affine) and image.shape == mask.shape
        assert set(np.unique(np.asarray(mask.dataobj))) == {0, 1}
        assert len(item["plane"]["point"]) == 3
        assert np.linalg.norm(item["plane"]["normal"]) == pytest.approx(1, abs=1e-4)
    assert not list(datalist.parent.rglob(".partial_*"))


def test_two_processes_make_one_cohort(datalist: Path, tmp_path: Path) -> None:
    root = tmp_path / "deep" / "cohort"
    root.parent.mkdir()
    with ThreadPoolExecutor(1) as other:
        with FileLock(lock(root)):
            waiting = other.submit(make_cohort, root, subjects=3, seed=7, spacing=3.0)
            with pytest.raises(TimeoutError):
                waiting.result(timeout=1)
            assert not root.exists(), "the other waits for who makes it"
            shutil.copytree(datalist.parent, root)
        written = {path: path.stat().st_mtime_ns for path in root.rglob("*")}
        assert waiting.result(timeout=60) == root / "datalist.json"
    assert {path: path.stat().st_mtime_ns for path in root.rglob("*")} == written, "and makes nothing again"


def test_no_subject_is_in_two_splits(datalist: Path) -> None:
    content = json.loads(datalist.read_text())
    seen = [{item["subject"] for item in content[name]} for name in SPLIT]
    assert sum(map(len, seen)) == len(set.union(*seen)) == 3
    assert [split_subjects(40).count(name) for name in SPLIT] == [26, 6, 8]


def test_any_worker_count_and_any_interruption_give_the_same(datalist: Path, tmp_path: Path) -> None:
    make_cohort(tmp_path, subjects=2, seed=7, workers=1, spacing=3.0)  # as if the third was never reached
    (tmp_path / "derivatives" / "truth" / "sub-002" / "items.json").unlink()  # and the second cut off
    make_cohort(tmp_path, subjects=3, seed=7, workers=1, spacing=3.0)
    assert voxels(tmp_path) == voxels(datalist.parent)
    assert json.loads((tmp_path / "datalist.json").read_text()) == json.loads(datalist.read_text())


def test_a_whole_cohort_is_kept_and_other_settings_are_made(datalist: Path, tmp_path: Path) -> None:
    before = datalist.stat().st_mtime_ns
    assert make_cohort(datalist.parent, subjects=3, seed=7, spacing=3.0).stat().st_mtime_ns == before
    first = make_cohort(tmp_path, subjects=1, seed=1, spacing=4.0).read_text()
    assert make_cohort(tmp_path, subjects=1, seed=2, spacing=4.0).read_text() != first


def test_a_folder_of_other_data_is_refused(tmp_path: Path) -> None:
    (tmp_path / "sub-001").mkdir()
    with pytest.raises(FileExistsError, match="empty folder"):
        make_cohort(tmp_path, subjects=1, spacing=4.0)


def test_all_heads_may_belong_to_one_split(tmp_path: Path) -> None:
    content = json.loads(make_cohort(tmp_path, subjects=2, seed=7, spacing=4.0, split="test").read_text())
    assert [len(content[name]) for name in ("training", "validation", "test")] == [0, 0, 4]
    assert len(dataset(str(tmp_path), "test")) == 4
    with pytest.raises(ValueError, match=r"no split 'tests'\. Choose one of: training, validation, test"):
        make_cohort(tmp_path, subjects=2, split="tests")
