"""A study in folds: no subject is tested by what has seen it, and the folds of a seed are one run."""

import json
from pathlib import Path

import pytest

from bundle.research.crossvalidate.train import MASKS
from bundle.research.study import do_all, plan, planned_in_folds, study
from bundle.research.study.folds import datalists, in_folds, pairs_seen
from bundle.research.study.plan import RUNS
from bundle.research.study.run import do, is_done
from bundle.research.study.scores import SCORES
from bundle.research.study.tables import tabulate
from scripts.data.datalist import dataset
from scripts.data.split import SPLITS


def write_scans(folder, subjects, masks=True):
    """Empty files in place of scans: only their names are read."""
    for number in range(subjects):
        anat = folder / f"sub-{number:02d}" / "anat"
        anat.mkdir(parents=True)
        for contrast in ("T1w", "T2w"):
            (anat / f"sub-{number:02d}_{contrast}.nii.gz").touch()
        if masks:
            (anat / f"sub-{number:02d}_desc-brain_mask.nii.gz").touch()
    return folder


@pytest.fixture
def newborns(tmp_path):
    return write_scans(tmp_path / "newborns", 12)


@pytest.mark.parametrize(("subjects", "count"), [(12, 2), (12, 3), (12, 4), (13, 5), (4, 2), (3, 3)])
def test_no_subject_is_in_two_splits_and_each_is_tested_once(subjects, count, tmp_path):
    scans = write_scans(tmp_path / "scans", subjects)
    tested = []
    for file in datalists(scans, count, tmp_path / "study"):
        of = {split: {scan["subject"] for scan in dataset(str(file), split)} for split in SPLITS}
        assert sum(map(len, of.values())) == len(set.union(*of.values())) == subjects and all(of.values())
        tested += [scan["case"] for scan in dataset(str(file), "test")]
        assert all(Path(scan["brain_mask"]).exists() for split in SPLITS for scan in dataset(str(file), split))
    assert len(tested) == len(set(tested)) == 2 * subjects


def test_masks_of_a_datalist_are_found_from_elsewhere(tmp_path):
    scans = write_scans(tmp_path / "scans", 4, masks=False)
    items = [{"image": str(file.relative_to(scans)), "brain_mask": "mask.nii.gz"} for file in scans.rglob("*.nii.gz")]
    (scans / "datalist.json").write_text(json.dumps({"training": items}))
    content = json.loads(datalists(scans / "datalist.json", 2, tmp_path / "study")[0].read_text())
    assert {item["brain_mask"] for split in SPLITS for item in content[split]} == {str(scans / "mask.nii.gz")}


def test_every_run_is_planned_in_every_fold(runs_json, newborns, tmp_path):
    runs = plan("tiny", ["heads"], runs_json)
    planned = planned_in_folds(runs, str(newborns), 4, tmp_path / "study")
    names = ["fold_0", "fold_1", "fold_2", "fold_3"]
    assert [run.path.parts[-2:] for run in planned] == [(seed, name) for seed in ("seed_0", "seed_1") for name in names]
    assert len({run.datalist for run in planned}) == 4
    assert all(MASKS.items() <= run.settings.items() for run in planned)
    assert all(run.fold is None and not MASKS.keys() & run.settings.keys() for run in runs), "without folds as before"
    timed = in_folds(plan("newborns", ["newborn_backbones"]), [Path("a"), Path("b")])
    assert [run.fold for run in timed if run.cost] == [0] * 6, "the speed is measured once"


def test_the_budget_of_the_newborns_is_what_the_file_says(newborns, tmp_path):
    planned = planned_in_folds(plan("newborns"), str(newborns), 4, tmp_path / "study")
    assert {run.table for run in planned} == {"newborn_backbones", "newborn_training_sizes", "newborn_curricula"}
    pairs = {run.table: pairs_seen(run) for run in planned}
    said = json.loads(RUNS.read_text())["description"]
    assert f"sees {pairs['newborn_curricula']} pairs, of newborn_backbones {pairs['newborn_backbones']}," in said


@pytest.mark.parametrize(
    ("subjects", "masks", "folds", "message"),
    [
        (4, True, 1, "folds: expected 2 or more"),
        (2, True, 2, "2 subjects are too few for 2 folds"),
        (4, False, 2, "expected a reference mask beside it.*add it, or name one as 'brain_mask'"),
    ],
)
def test_what_cannot_be_divided_is_refused(subjects, masks, folds, message, tmp_path):
    scans = write_scans(tmp_path / "scans", subjects, masks)
    with pytest.raises((ValueError, FileNotFoundError), match=message):
        datalists(scans, folds, tmp_path)


def test_folds_need_scans_and_a_folder_of_their_own(runs_json, newborns, tmp_path):
    with pytest.raises(ValueError, match=r"folds: expected scans .*give --dataset_dir"):
        study(str(tmp_path / "a"), file=str(runs_json), budget="tiny", folds=2)
    datalists(newborns, 2, tmp_path / "b")
    with pytest.raises(ValueError, match=r"holds a study in folds: give --folds"):
        study(str(tmp_path / "b"), file=str(runs_json), budget="tiny")


def test_each_fold_has_its_own_data_and_what_is_done_is_not_done_again(steps, runs_json, newborns, tmp_path):
    folder = tmp_path / "study"
    planned = planned_in_folds(plan("tiny", ["heads"], runs_json), str(newborns), 3, folder)
    do_all(planned[:4], folder, at_once=0, say=str)
    asked = [overrides["dataset_dir"] for run_id, _, overrides in steps if run_id == "training"]
    assert asked == [run.datalist for run in planned[:4]] and len(set(asked)) == 3, (
        "no fold is taken for another's twin"
    )
    assert all(overrides["skull_strip"] == "given" for *_, overrides in steps)
    del steps[:]
    said = []
    do_all(planned, folder, at_once=0, say=said.append)
    assert said == ["6 runs, of which 4 are done."] and len(steps) == 4
    (newborns / "sub-00" / "anat" / "sub-00_T1w.nii.gz").unlink()
    again = planned_in_folds(plan("tiny", ["heads"], runs_json), str(newborns), 3, folder)
    assert not any(is_done(run, folder) for run in again), "other scans make all folds anew"


def test_a_table_with_the_same_run_takes_the_same_fold(steps, newborns, tmp_path):
    tables = ["newborn_training_sizes", "newborn_curricula"]
    mixed = [run for run in plan("newborns", tables) if run.variant == "curriculum=mixed" and run.seed == 0]
    planned = planned_in_folds(mixed, str(newborns), 2, tmp_path)
    for run in planned:
        do(run, tmp_path)
    assert len(planned) == 4 and [run_id for run_id, *_ in steps] == ["training", "evaluating"] * 2
    assert all(is_done(run, tmp_path) for run in planned)


def test_the_folds_of_a_seed_are_one_run_at_one_threshold(runs_json, newborns, tmp_path):
    planned = planned_in_folds(plan("tiny", ["heads"], runs_json), str(newborns), 2, tmp_path)
    for run in planned:
        threshold = 10.0 * run.fold  # the networks of the folds score on different levels
        shifts = (-1, 1, -2, 2 if run.seed == 0 else -3)  # the other seed finds half of the lesions
        columns = {
            "lesion_type": ["normal", "physical"] * 6,
            "size": [0, 7] * 6,
            "score": [threshold + shift for shift in shifts * 3],
            "side_correct": [True] * 12,
            "peak_in_lesion": [True] * 12,
            "subject": [f"s{run.fold}{k // 2}" for k in range(12)],
            "case": [f"s{run.fold}{k // 2}_T1w" for k in range(12)],
        }
        (tmp_path / run.path).mkdir(parents=True)
        (tmp_path / run.path / SCORES).write_text(json.dumps({"threshold": threshold, "columns": columns}))
    table = tabulate("heads", planned, tmp_path, runs_json)
    report = table["variants"]["comparison=local"]
    assert report["runs"] == 2 and report["thresholds"] == [5.0, 5.0] and report["normal_slices"] == 12
    (row,) = report["rows"]
    assert row["subjects"] == row["slices"] == 12, "every subject counts once"
    assert row["balanced_accuracy"][0] == pytest.approx((1 + 0.75) / 2), "all are found by one seed, half by the other"
    assert row["auc"][0] == pytest.approx((1 + 0.5) / 2)
    low, high = row["auc"][1:]
    assert low < row["auc"][0] < high, "over subjects"
    assert table["folds"] == 2 and table["seeds"] == [0, 1]
    assert table["pairs"] == 2 * 1 * 2 * 8, "with and without a lesion, epochs, slices, scans of 4 subjects"
    assert not MASKS.keys() & table["settings"].keys()


@pytest.mark.slow
def test_a_study_in_two_folds_resumes_and_writes_its_tables(runs_json, cohort, tmp_path, capsys):
    arguments = {"budget": "tiny", "tables": "heads", "file": str(runs_json), "dataset_dir": str(cohort), "folds": 2}
    study(str(tmp_path), **arguments)
    page = (tmp_path / "heads.md").read_text()
    assert "2 folds by subject" in page and "over 6 test subjects" in page and "--folds 2" in page
    capsys.readouterr()
    study(str(tmp_path), **arguments)
    assert "4 runs, of which 4 are done" in capsys.readouterr().out
