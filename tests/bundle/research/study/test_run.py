"""One run: what is done is not done again, what was killed goes on, what fails leaves no result."""

import json
import sys
from dataclasses import replace

import pytest

from bundle.research.study import do_all, plan
from bundle.research.study import run as run_module
from bundle.research.study.cost import measure
from bundle.research.study.record import SETTINGS
from bundle.research.study.run import TRAINED, do, is_done
from tests.conftest import ROOT

TWINS = {"comparisons/comparison=local", "curricula/curriculum=rehearsing", "lesion_types/lesion_type=physical"}
"""The runs that name the defaults."""


@pytest.mark.parametrize("killed_in", ["training", "evaluating"])
def test_a_run_that_was_killed_goes_on_where_it_was(killed_in, steps, runs_json, tmp_path, monkeypatch):
    run, other = plan("tiny", ["heads"], runs_json)
    work = run_module._step

    def killed(run_id, configs, overrides):
        work(run_id, configs, overrides)
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


def test_what_is_done_is_not_done_again(steps, runs_json, tmp_path):
    runs = plan("tiny", ["heads"], runs_json)
    do_all(runs, tmp_path, at_once=0)
    assert len(steps) == 4
    said = []
    do_all(runs, tmp_path, at_once=0, say=said.append)
    do(runs[0], tmp_path)
    assert len(steps) == 4 and said == ["2 runs, of which 2 are done."]


def test_a_default_that_changes_is_noticed(steps, runs_json, tmp_path, monkeypatch):
    (run, _) = plan("tiny", ["heads"], runs_json)
    do(run, tmp_path)
    changed = tmp_path / "train.json"
    changed.write_text(json.dumps({**json.loads(SETTINGS.read_text()), "learning_rate": 0.5}))
    monkeypatch.setattr(sys.modules["bundle.research.study.record"], "SETTINGS", changed)
    assert not is_done(run, tmp_path)


def test_an_option_that_is_new_undoes_no_study_but_where_a_run_sets_it(steps, runs_json, tmp_path, monkeypatch):
    (run, _) = plan("tiny", ["heads"], runs_json)
    do(run, tmp_path)
    changed = tmp_path / "train.json"
    changed.write_text(json.dumps({**json.loads(SETTINGS.read_text()), "brand_new": 1}))
    monkeypatch.setattr(sys.modules["bundle.research.study.record"], "SETTINGS", changed)
    assert is_done(run, tmp_path)
    assert not is_done(replace(run, settings={**run.settings, "brand_new": 1}), tmp_path)


def test_what_was_begun_otherwise_is_begun_anew(steps, runs_json, tmp_path):
    (run, _) = plan("tiny", ["heads"], runs_json)
    partial = (tmp_path / run.path).with_name(".partial_seed_0")
    partial.mkdir(parents=True)
    (partial / TRAINED).touch()
    (partial / "run.json").write_text('{"settings": {"comparison": "other"}}')
    do(run, tmp_path)
    assert [run_id for run_id, *_ in steps] == ["training", "evaluating"]
    assert steps[0][2]["resume"] is False


def test_the_evaluation_writes_scores_and_draws_nothing(steps, runs_json, tmp_path):
    do(plan("tiny", ["heads"], runs_json)[0], tmp_path)
    assert steps[0][1] == ["train.json", "cached_pairs.json"]
    assert steps[1][1] == ["train.json", "cached_pairs.json", "evaluate.json", "evaluate.json"]


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
    runs = [run for budget in ("cpu", "gpu") for run in plan(budget, ["comparisons"])[:1]]
    for run in runs:
        do(run, tmp_path)
        (tmp_path / run.path / "run.json").unlink()
    asked = [overrides["dataset_dir"] for run_id, _, overrides in steps if run_id == "training"]
    assert len(set(asked)) == 2 and asked[1].endswith("subjects-200")


def test_a_run_that_another_table_has_done_is_not_done_again(steps, tmp_path):
    first, *others = [run for run in plan("cpu", ["comparisons", "curricula", "lesion_types"]) if run.seed == 0]
    assert str(first.path.parent) in TWINS
    do(replace(first, cost=False), tmp_path)
    del steps[:]
    twins = [run for run in others if str(run.path.parent) in TWINS]
    assert len(twins) == len(TWINS) - 1
    for run in twins:
        do(replace(run, cost=False), tmp_path)
        assert is_done(run, tmp_path)
    assert not steps
    do(next(run for run in others if "painted" in run.variant), tmp_path)
    assert len(steps) == 2, "but what differs is done"


def test_cost_is_measured(tmp_path):
    cost = measure({"hemisphere_size": [32, 64], "bundle_root": str(ROOT), "device": "$torch.device('cpu')"}, tmp_path)
    assert json.loads((tmp_path / "cost.json").read_text()) == cost
    assert cost["scored"] > cost["trained"] > 0
    assert 70_000 < cost["parameters"] < 80_000


@pytest.mark.slow
def test_a_run_that_fails_says_why_and_leaves_no_result(runs_json, tmp_path):
    (run, *_) = plan("tiny", ["heads"], runs_json)
    with pytest.raises(RuntimeError, match=r"pairs, \d of \d+ failed, see .*log: FileNotFoundError: .*no such file"):
        do_all([run], tmp_path, str(tmp_path / "nothing"), at_once=1)
    assert not is_done(run, tmp_path)
    assert not (tmp_path / run.path).exists()
