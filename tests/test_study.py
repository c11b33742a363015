"""The study, as tiny as it can be: its plan, its runs, what is done is not done again, its tables and figures."""

import json
import shutil
from dataclasses import replace

import pytest

from bundle.pages import fill
from bundle.study import plan, study
from bundle.study import run as run_module
from bundle.study.cost import measure
from bundle.study.plan import RUNS
from bundle.study.run import TRAINED, do, is_done
from bundle.study.tables import write_tables

from .conftest import ROOT, TINY
from .test_report import table

TWINS = {"backbones/backbone=compact,kind=physical", "heads/head=local", "curricula/curriculum=rehearsing"}
"""The runs that name the defaults."""

FEW = {k: TINY[k] for k in ("spacing", "half_size", "scans_per_batch", "slices_per_scan", "val_slices", "sizes")}


@pytest.fixture
def runs_json(tmp_path):
    content = {
        "budgets": {
            "tiny": {"seeds": [0, 1], "epochs": 1, "val_interval": 1, "val_sizes": [20], **FEW},
            "few": {"seeds": [0], "variants": 1, **FEW},
        },
        "tables": {
            "heads": {"title": "Heads", "vary": {"head": ["local"]}},
            "both": {
                "title": "Both",
                "vary": {"kind": ["physical", ["soft", "volume"]], "head": ["local", "one_half"]},
                "budgets": ["tiny"],
            },
            "shipped": {
                "title": "Shipped",
                "weights": "models",
                "configs": ["disturbed.json"],
                "vary": [{"rim_mm": [1, 2]}, {"midline_mm": [3]}],
                "by": ["scan"],
            },
        },
    }
    path = tmp_path / "runs.json"
    path.write_text(json.dumps(content))
    return path


@pytest.fixture
def steps(monkeypatch):
    """Stand-in for the bundle's training and evaluation: leaves what they leave, and lists what it was asked for."""
    asked = []

    def step(run_id, configs, overrides, folder):
        asked.append((run_id, [path.name for path in configs], overrides))
        if run_id == "training":
            (folder / "last.pt").touch()
        else:
            columns = table(kinds=("normal", "bilateral", "physical", "painted"), each=16)
            columns["size"][32:] = columns["size"].new_tensor([3.0, 7.0, 13.5, 20.0] * 8)
            columns |= {"contrast": [0.7, 2.2] * 32, "lateral": [0.1, 0.5] * 32, "front": [0.5] * 64}
            columns |= {"case": ["sub-1_T1w", "sub-2_T2w"] * 32}
            columns |= {name: columns[name].tolist() for name in ("score", "size", "baseline")}
            (folder / "scores.json").write_text(json.dumps({"threshold": 1.0, "columns": columns}))

    monkeypatch.setattr(run_module, "_step", step)
    return asked


def test_plan_is_every_combination_for_every_seed(runs_json):
    runs = plan("tiny", ["both"], runs_json)
    assert len(runs) == 8
    assert [run.seed for run in runs] == [0] * 4 + [1] * 4
    assert str(runs[-1].path) == "both/kind=soft+volume,head=one_half/seed_1"
    assert runs[-1].train["kind"] == ["soft", "volume"]
    assert len(plan("tiny", file=runs_json)) == 8 + 2 + 3


def test_plan_of_weights_that_are_there_has_one_seed_and_one_sweep_after_the_other(runs_json):
    runs = plan("tiny", ["shipped"], runs_json)
    assert [run.variant for run in runs] == ["rim_mm=1", "rim_mm=2", "midline_mm=3"]
    assert {(run.seed, run.weights, run.overlays) for run in runs} == {(0, "models", ("disturbed.json",))}


def test_a_budget_takes_only_what_it_can_afford(runs_json):
    assert [run.table for run in plan("few", file=runs_json)] == ["heads", "shipped"]
    assert len(plan("few", ["both"], runs_json)) == 1, "unless it is asked for by name"


def test_unknown_names_list_those_there_are(runs_json):
    with pytest.raises(ValueError, match=r"no budget 'huge'.*tiny"):
        plan("huge", file=runs_json)
    with pytest.raises(ValueError, match=r"no table 'tails'.*heads, both"):
        plan("tiny", ["tails"], runs_json)


def test_shipped_study_names_what_there_is():
    import timm

    from bundle.study.figures import FIGURES, LABELS
    from bundle.study.markdown import MEASURES
    from scripts.backbones import COMPACT, FAMILIES
    from scripts.curriculum import CURRICULA
    from scripts.groups import GROUPS
    from scripts.kinds import KINDS
    from scripts.lesion import SCALES
    from scripts.phantom.head import ASYMMETRY
    from scripts.siamese import HEADS

    known = {
        "backbone": {*COMPACT, *FAMILIES, *timm.list_models()},
        "head": set(HEADS),
        "curriculum": set(CURRICULA),
        "kind": set(KINDS),
        "phantom_asymmetry": set(ASYMMETRY),
        "scale": set(SCALES),
    }
    content = json.loads(RUNS.read_text())
    for row in content["tables"].values():
        assert set(row.get("by", [])) <= set(GROUPS)
        assert set(row.get("measures", [])) <= set(MEASURES)
        if "figure" in row:
            assert row["figure"] in FIGURES and row.get("measures", ["accuracy"])[0] in LABELS
        assert set(row.get("budgets", [])) <= set(content["budgets"])
    settings = set(json.loads((ROOT / "configs" / "train.json").read_text()))
    for budget in content["budgets"]:
        for run in plan(budget):
            overlays = [json.loads((ROOT / "configs" / name).read_text()).keys() for name in run.overlays]
            assert run.train.keys() <= settings.union(*overlays)
            assert run.weights is None or (ROOT / run.weights / "model.pt").exists()
            for key in known.keys() & run.train.keys():
                value = run.train[key]
                assert set(value if isinstance(value, list) else [value]) <= known[key]


def test_the_smoke_study_writes_every_table_of_the_shipped_one(steps, tmp_path, monkeypatch):
    cost = json.dumps({"parameters": 76_000, "trained": 50.0, "scored": 200.0, "device": "a test"})
    monkeypatch.setattr("bundle.study.cost.measure", lambda _, folder: (folder / "cost.json").write_text(cost))
    monkeypatch.setattr("scripts.performance.RESAMPLES", 20)
    study(str(tmp_path), runs="smoke")
    tables = json.loads(RUNS.read_text())["tables"]
    for name, row in tables.items():
        page = (tmp_path / f"{name}.md").read_text()
        assert row["title"] in page and "simulated" in page and "not for clinical use" in page
        assert (tmp_path / f"{name}.json").exists()
        assert (tmp_path / f"{name}.png").exists() == ("figure" in row)
    assert "painted lesions, their own images) | – | 0.76 | 0.99 | 0.99 |" in (tmp_path / "default.md").read_text()
    assert "| head=local | 0.08 M | 50 | 200 |" in (tmp_path / "heads.md").read_text()
    assert "| contrast: below 1 sd | " in (tmp_path / "shipped_parts.md").read_text()
    assert all(is_done(run, tmp_path) for run in plan("smoke")), "nothing would be done twice"


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


def test_what_was_begun_otherwise_is_begun_anew(steps, runs_json, tmp_path):
    (run, _) = plan("tiny", ["heads"], runs_json)
    partial = (tmp_path / run.path).with_name(".partial_seed_0")
    partial.mkdir(parents=True)
    (partial / TRAINED).touch()
    (partial / "run.json").write_text('{"overrides": "others"}')
    do(run, tmp_path)
    assert [run_id for run_id, *_ in steps] == ["training", "evaluating"]
    assert steps[0][2]["resume"] is False


def test_weights_that_are_there_are_only_evaluated(steps, runs_json, tmp_path):
    run = plan("tiny", ["shipped"], runs_json)[0]
    do(run, tmp_path)
    ((run_id, configs, overrides),) = steps
    assert run_id == "evaluating" and configs[-1] == "disturbed.json"
    assert overrides["ckpt_dir"] == str(ROOT / "models") and overrides["rim_mm"] == 1
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
    first, *others = [run for run in plan("cpu", ["default", "backbones", "heads", "curricula"]) if run.seed == 0]
    do(first, tmp_path)
    del steps[:]
    twins = [run for run in others if str(run.path.parent) in TWINS]
    assert len(twins) == 3
    for run in twins:
        do(replace(run, cost=False), tmp_path)
        assert is_done(run, tmp_path)
    assert not steps
    do(next(run for run in others if run.path.parent.name == "kind=painted"), tmp_path)
    assert len(steps) == 2, "but what differs is done"


def test_cost_is_measured(tmp_path):
    found = measure({"half_size": [32, 64], "bundle_root": str(ROOT), "device": "$torch.device('cpu')"}, tmp_path)
    assert json.loads((tmp_path / "cost.json").read_text()) == found
    assert found["scored"] > found["trained"] > 0
    assert 70_000 < found["parameters"] < 80_000


@pytest.mark.slow
def test_a_study_resumes_and_writes_its_tables(runs_json, cohort, tmp_path, capsys):
    folder, docs = tmp_path / "study", tmp_path / "docs"
    docs.mkdir()
    (docs / "results.md").write_text("# Results\n<!-- table heads -->\nSTALE\n<!-- end heads -->\nafter\n")
    arguments = {"budget": "tiny", "tables": "heads", "file": str(runs_json), "dataset_dir": str(cohort)}
    study(str(folder), docs=str(docs), **arguments)
    table = json.loads((docs / "heads.json").read_text())
    assert table["seeds"] == [0, 1]
    assert table["variants"]["head=local"]["runs"] == 2
    page = (docs / "results.md").read_text()
    assert "STALE" not in page and page.endswith("<!-- end heads -->\nafter\n")
    assert "own threshold, physical lesions**" in page
    assert "| 7 mm | 20 mm |" in page
    assert "| head=local | 0." in page
    assert "not for clinical use" in page

    first, second = plan("tiny", ["heads"], runs_json)
    stamp = (folder / first.path / "model.pt").stat().st_mtime_ns
    shutil.rmtree(folder / second.path)
    assert is_done(first, folder, str(cohort)) and not is_done(second, folder, str(cohort))
    capsys.readouterr()
    study(str(folder), **arguments)
    assert "2 runs, of which 1 are done" in capsys.readouterr().out
    assert (folder / first.path / "model.pt").stat().st_mtime_ns == stamp


@pytest.mark.slow
def test_a_run_of_the_shipped_weights(runs_json, cohort, tmp_path):
    (run,) = plan("few", ["shipped"], runs_json)
    do(run, tmp_path, dataset_dir=str(cohort))
    write_tables([run], tmp_path, tmp_path / "docs", "few", runs_json)
    page = (tmp_path / "docs" / "shipped.md").read_text()
    assert "The weights in `models`, on the data of budget `few`, with" in page
    assert "| rim_mm=1, scan: T1w | " in page and "| rim_mm=1, scan: T2w | " in page
    assert {path.name for path in (tmp_path / run.path).glob("*.png")} == {
        *("by_size.png", "gallery.png", "psychometric.png", "reliability.png")
    }


@pytest.mark.slow
def test_the_smoke_study_runs(tmp_path):
    study(str(tmp_path), runs="smoke")
    tables = json.loads(RUNS.read_text())["tables"]
    assert {path.stem for path in tmp_path.glob("*.md")} == set(tables)
    study(str(tmp_path), runs="smoke")  # at once: nothing is left to do


def test_a_run_that_fails_says_why_and_leaves_no_result(runs_json, tmp_path):
    (run, *_) = plan("tiny", ["heads"], runs_json)
    with pytest.raises(
        RuntimeError, match=r"training failed, see .*training\.log: FileNotFoundError: .*no such file or folder"
    ):
        do(run, tmp_path, dataset_dir=str(tmp_path / "nothing"))
    assert not is_done(run, tmp_path)
    assert not (tmp_path / run.path).exists()


def test_fill_replaces_only_what_the_markers_enclose():
    page = "a\n<!-- table x -->\n1\n<!-- end x -->\n<!-- table y -->\n2\n<!-- end y -->\n"
    assert fill(page, "x", "new\n") == page.replace("1\n", "new\n")
    assert fill(page, "z", "new\n") == page
