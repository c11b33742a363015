import json

import pytest

from scripts.data.datalist import dataset, scans
from scripts.data.split import SPLITS


def touch(folder, *names):
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x" * 200)


def touch_dicom(folder, *names):
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"\0" * 128 + b"DICM" + b"x" * 50)


def bids(folder, subjects=10):
    touch(folder, *(f"sub-{n:02d}/anat/sub-{n:02d}_{c}.nii.gz" for n in range(subjects) for c in ("T1w", "T2w")))


def test_folder_of_nifti_dicom_and_derivatives(tmp_path):
    touch(tmp_path, "sub-01/anat/sub-01_T2w.nii.gz", "plain.nii", "derivatives/x/sub-01_desc-brain_mask.nii.gz")
    touch(tmp_path, "sub-01/anat/sub-01_desc-brain_mask.nii.gz", "notes.txt")
    touch_dicom(tmp_path, "sub-02/series/IM0001", "sub-02/series/IM0002", "other/a.dcm")
    found = {item["case"]: item["subject"] for item in scans(str(tmp_path))}
    assert found == {"sub-01_T2w": "sub-01", "plain": "plain", "series": "sub-02", "other": "other"}


@pytest.mark.parametrize(
    ("name", "is_scan"),
    [
        ("sub-01_T1w.nii.gz", True),
        ("sub-01_mask.nii.gz", False),
        ("sub-01_space-T2w_dseg.nii.gz", False),
        ("sub-01_label-GM_probseg.nii", False),
        ("sub-01_desc-brain_T2w.nii.gz", False),
        ("mask.nii.gz", True),
        ("sub-01_masked.nii.gz", True),
    ],
)
def test_a_segmentation_beside_a_scan_is_no_scan(tmp_path, name, is_scan):
    touch(tmp_path, "plain.nii", name)
    assert (len(scans(str(tmp_path))) == 2) == is_scan


def test_paths_of_a_datalist_are_relative_to_its_folder(tmp_path):
    items = [{"image": "a.nii", "brain_mask": "masks/a.nii"}, {"image": "/b.nii", "brain_mask": "/c.nii"}, "d.nii"]
    (tmp_path / "list.json").write_text(json.dumps({"training": items}))
    relative, absolute, plain = scans(str(tmp_path / "list.json"))
    assert (relative["image"], relative["brain_mask"]) == (str(tmp_path / "a.nii"), str(tmp_path / "masks/a.nii"))
    assert (absolute["image"], absolute["brain_mask"]) == ("/b.nii", "/c.nii")
    assert "brain_mask" not in plain


def test_a_single_file(tmp_path):
    touch(tmp_path, "baby.nii.gz")
    assert [s["case"] for s in scans(str(tmp_path / "baby.nii.gz"))] == ["baby"]


def test_cases_are_unique(tmp_path):
    touch(tmp_path, "a/1/scan.nii.gz", "b/1/scan.nii.gz", "b/1/other.nii.gz")
    cases = [s["case"] for s in scans(str(tmp_path))]
    assert len(set(cases)) == 3
    assert "other" in cases


@pytest.mark.parametrize("seed", range(3))
def test_split_is_by_subject_and_seeded(tmp_path, seed):
    bids(tmp_path)
    parts = {split: dataset(str(tmp_path), split, seed=seed) for split in SPLITS}
    subjects = {split: {item["subject"] for item in items} for split, items in parts.items()}
    assert sum(len(s) for s in subjects.values()) == 10 == len(set().union(*subjects.values()))
    assert all(len(items) == 2 * len(subjects[split]) for split, items in parts.items())
    assert parts["test"] == dataset(str(tmp_path), "test", seed=seed)
    assert any(parts["test"] != dataset(str(tmp_path), "test", seed=other) for other in range(seed + 1, seed + 6))


def test_datalist_with_splits_is_taken_at_its_word(tmp_path):
    items = {split: [{"image": f"sub-{split}1.nii.gz"}] for split in SPLITS}
    (tmp_path / "datalist.json").write_text(json.dumps(items))
    for source in (tmp_path, tmp_path / "datalist.json"):
        for split in SPLITS:
            (item,) = dataset(str(source), split)
            assert item["subject"] == f"sub-{split}1"
            assert item["image"] == str(tmp_path / f"sub-{split}1.nii.gz")


def test_datalist_without_splits_is_split(tmp_path):
    items = [f"sub-{n}.nii.gz" for n in range(10)]
    (tmp_path / "list.json").write_text(json.dumps({"training": items}))
    parts = [dataset(str(tmp_path / "list.json"), split) for split in SPLITS]
    assert all(parts)
    assert len({item["subject"] for part in parts for item in part}) == sum(map(len, parts)) == 10


def test_no_such_folder(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"nowhere: no such file or folder.*Check the path"):
        dataset(str(tmp_path / "nowhere"), "training")


def test_empty_folder(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"holds no scan.*\.nii"):
        dataset(str(tmp_path), "training")


def test_subject_in_two_splits(tmp_path):
    items = {"training": ["sub-1_T1w.nii.gz"], "validation": ["sub-2.nii.gz"], "test": ["sub-1_T2w.nii.gz"]}
    (tmp_path / "datalist.json").write_text(json.dumps(items))
    with pytest.raises(ValueError, match=r"subject sub-1 is in two splits, training and test"):
        dataset(str(tmp_path), "training")


def test_too_few_subjects_for_a_split(tmp_path):
    bids(tmp_path, subjects=1)
    with pytest.raises(ValueError, match=r"no subject is left for the (validation|test|training) split of 1 subjects"):
        for split in SPLITS:
            dataset(str(tmp_path), split)


def test_datalist_without_scans(tmp_path):
    (tmp_path / "datalist.json").write_text(json.dumps({"train": []}))
    with pytest.raises(ValueError, match=r"lists no scan.*'training'.*found the keys \['train'\]"):
        dataset(str(tmp_path), "training")


def test_unknown_split(tmp_path):
    with pytest.raises(ValueError, match=r"'train'.*training, validation, test"):
        dataset(str(tmp_path), "train")


def test_default_cohort_is_made_once_and_only_where_it_belongs(tmp_path, caplog, monkeypatch):
    from scripts.phantom import cohort

    made = []

    def make_cohort(folder, subjects, asymmetry):
        made.append((subjects, asymmetry))
        folder.mkdir(parents=True)
        items = {split: [{"image": f"sub-{split}1.nii.gz"}] for split in SPLITS}
        (folder / "datalist.json").write_text(json.dumps(items))

    monkeypatch.setattr(cohort, "make_cohort", make_cohort)
    folder = str(tmp_path / "phantom")
    for _ in range(2):
        assert len(dataset(folder, "training", phantom_dir=folder, subjects=7, asymmetry="mild")) == 1
    assert made == [(7, "mild")]
    assert "making the default cohort of 7 synthetic heads" in caplog.text
    with pytest.raises(FileNotFoundError):
        dataset(str(tmp_path / "mine"), "training", phantom_dir=folder)


def test_a_scan_written_anew_is_another_item(tmp_path):
    """Caches know a scan by its item, so that a cohort remade at the same path must have others."""
    bids(tmp_path)
    touch_dicom(tmp_path, "series/IM0001", "series/IM0002")
    before = {split: dataset(str(tmp_path), split) for split in SPLITS}
    assert before == {split: dataset(str(tmp_path), split) for split in SPLITS}
    remade = {str(tmp_path / "sub-03/anat/sub-03_T1w.nii.gz"), str(tmp_path / "series")}
    (tmp_path / "sub-03/anat/sub-03_T1w.nii.gz").write_bytes(b"y" * 100)
    (tmp_path / "series/IM0002").write_bytes(b"\0" * 128 + b"DICM" + b"y" * 60)
    after = {split: dataset(str(tmp_path), split) for split in SPLITS}
    assert {new["image"] for s in SPLITS for old, new in zip(before[s], after[s], strict=True) if old != new} == remade
