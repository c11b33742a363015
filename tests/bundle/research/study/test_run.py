"""One run: what is done is not done again, what was killed goes on, what fails leaves no result."""

import json
from dataclasses import replace

import pytest
from filelock import FileLock

from bundle.research.study import plan, record
from bundle.research.study import run as run_module
from bundle.research.study.cost import measure
from bundle.research.study.run import TRAINED, do, is_done
from tests.conftest import ROOT

TWINS = {"heads/comparison=local", "curricula/curriculum=rehearsing"}
"""The runs that name the defaults."""


@pytest.mark.parametrize("killed_in", ["training", "evaluating"])
def test_a_run_that_was_killed_goes_on_where_it_was(killed_in, steps, runs_json, tmp_path, monkeypatch):
    run, other = plan("tiny", ["heads"], runs_json)
    work = run_module._step

    def killed(run_id, configs, overrides, folder):
        work(run_id, configs, overrides, folder)
        if run_id == killed_in:
            raise KeyboardInterrupt

    monkeypatch.setattr(run_module, "_step", killed)
    with pytest.raises(KeyboardInterrupt):
        do(run, tmp_path)
    assert not is_done(run, tmp_path)
    monkeypatch.setattr(run_module, "_step", work)
    del steps[:]
    do(run, tmp_path)
    assert is_done(run, tmp_path) and not is_done(other, tmp_path)
    asked = [(run_id, overrides.get("resume")) for run_id, _, overrides in steps]
    assert asked == ([("training", True)] if killed_in == "training" else []) + [("evaluating", None)]


def test_a_default_that_changes_is_noticed(steps, runs_json, tmp_path, monkeypatch):
    (run, _) = plan("tiny", ["heads"], runs_json)
    do(run, tmp_path)
    changed = tmp_path / "train.json"
    changed.write_text(json.dumps({**json.loads(record.SETTINGS.read_text()), "learning_rate": 0.5}))
    monkeypatch.setattr(record, "SETTINGS", changed)
    assert not is_done(run, tmp_path)


def test_an_option_that_is_new_undoes_no_study_but_where_a_run_sets_it(steps, runs_json, tmp_path, monkeypatch):
    (run, _) = plan("tiny", ["heads"], runs_json)
    do(run, tmp_path)
    changed = tmp_path / "train.json"
    changed.write_text(json.dumps({**json.loads(record.SETTINGS.read_text()), "brand_new": 1}))
    monkeypatch.setattr(record, "SETTINGS", changed)
    assert is_done(run, tmp_path)
    assert not is_done(replace(run, train={**run.train, "brand_new": 1}), tmp_path)


def test_what_was_begun_otherwise_is_begun_anew(steps, runs_json, tmp_path):
    (run, _) = plan("tiny", ["heads"], runs_json)
    partial = (tmp_path / run.path).with_name(".partial_seed_0")
    partial.mkdir(parents=True)
    (partial / TRAINED).touch()
    (partial / "run.json").write_text('{"overrides": {"train": {"head": "other"}}}')
    do(run, tmp_path)
    assert [run_id for run_id, *_ in steps] == ["training", "evaluating"]
    assert steps[0][2]["resume"] is False


def test_weights_that_are_there_are_only_evaluated(steps, runs_json, tmp_path):
    run = plan("tiny", ["shipped"], runs_json)[0]
    do(run, tmp_path)
    ((run_id, configs, overrides),) = steps
    assert run_id == "evaluating" and configs[-1] == "perturbed.json"
    assert overrides["ckpt_dir"] == str(ROOT / "models") and overrides["outline_sd_mm"] == 1
    assert overrides["output_dir"].startswith(str(tmp_path))


def test_a_cohort_made_anew_is_noticed(steps, runs_json, tmp_path):
    run = plan("tiny", ["heads"], runs_json)[0]
    data = tmp_path / "data"
    data.mkdir()
    (data / "datalist.json").write_text('{"seed": 0}')
    do(run, tmp_path, str(data))
    assert is_done(run, tmp_path, str(data)) and not is_done(run, tmp_path)
    (data / "datalist.json").write_text('{"seed": 1}')
    assert not is_done(run, tmp_path, str(data))


def test_cohorts_that_differ_have_their_own_folder(steps, tmp_path):
    runs = [run for run in plan("cpu", ["natural_asymmetry", "default"]) if run.seed == 0]
    for run in runs:
        do(run, tmp_path)
    asked = [overrides for *_, overrides in steps]
    folders = {one["phantom_asymmetry"]: one["dataset_dir"] for one in asked if "phantom_asymmetry" in one}
    default = {one["dataset_dir"] for one in asked if "phantom_asymmetry" not in one}
    assert len(set(folders.values())) == 4, "one for each level of asymmetry"
    assert default == {folders["mid"]}, "whether the default is named or not"


def test_a_run_that_another_table_has_done_is_not_done_again(steps, tmp_path):
    first, *others = [run for run in plan("gpu", ["default", "heads", "curricula", "painted"]) if run.seed == 0]
    do(first, tmp_path)
    del steps[:]
    twins = [run for run in others if str(run.path.parent) in TWINS]
    assert len(twins) == len(TWINS)
    for run in twins:
        do(replace(run, cost=False), tmp_path)
        assert is_done(run, tmp_path)
    assert not steps
    do(next(run for run in others if run.table == "painted"), tmp_path)
    assert len(steps) == 2, "but what differs is done"


def test_two_processes_are_not_at_one_run(steps, runs_json, tmp_path):
    run = plan("tiny", ["heads"], runs_json)[0]
    lock = (tmp_path / run.path).with_name(f".lock_{run.path.name}")
    lock.parent.mkdir(parents=True)
    with FileLock(lock), pytest.raises(RuntimeError, match=r"seed_0: another process is doing this run"):
        do(run, tmp_path)
    assert not steps
    do(run, tmp_path)
    assert is_done(run, tmp_path)


def test_cost_is_measured(tmp_path):
    found = measure({"hemisphere_size": [32, 64], "bundle_root": str(ROOT), "device": "$torch.device('cpu')"}, tmp_path)
    assert json.loads((tmp_path / "cost.json").read_text()) == found
    assert found["scored"] > found["trained"] > 0
    assert 70_000 < found["parameters"] < 80_000


def test_a_run_that_fails_says_why_and_leaves_no_result(runs_json, tmp_path):
    (run, *_) = plan("tiny", ["heads"], runs_json)
    with pytest.raises(
        RuntimeError, match=r"training failed, see .*training\.log: FileNotFoundError: .*no such file or folder"
    ):
        do(run, tmp_path, dataset_dir=str(tmp_path / "nothing"))
    assert not is_done(run, tmp_path)
    assert not (tmp_path / run.path).exists()
