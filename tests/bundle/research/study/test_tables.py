"""From runs to tables and figures."""

import json
import shutil

import pytest

from bundle.research.publish.tables_study import study_table as block_of_study
from bundle.research.study import plan, study
from bundle.research.study.plan import RUNS
from bundle.research.study.run import is_done


def test_the_smoke_study_writes_every_table_of_the_shipped_one(steps, tmp_path, monkeypatch):
    cost = json.dumps({"parameters": 76_000, "trained": 50.0, "scored": 200.0, "device": "a test"})
    monkeypatch.setattr("bundle.research.study.cost.measure", lambda _, folder: (folder / "cost.json").write_text(cost))
    monkeypatch.setattr("scripts.evaluation.roc.RESAMPLES", 20)
    study(str(tmp_path), runs="smoke", at_once=0)
    tables = json.loads(RUNS.read_text())["tables"]
    for name, row in tables.items():
        page = (tmp_path / f"{name}.md").read_text()
        assert row["title"] in page and "simulated" in page and "not for clinical use" in page
        assert "| baseline without learning | 0." in page
        assert (tmp_path / f"{name}.json").exists() and (tmp_path / f"{name}.png").exists()
    assert "painted lesions, their own images) | – | 0.76 | 0.99 | 0.99 |" in (tmp_path / "lesion_types.md").read_text()
    assert "| comparison=local | 0.08 M | 50 | 200 |" in (tmp_path / "comparisons.md").read_text()
    assert all(is_done(run, tmp_path) for run in plan("smoke")), "nothing would be done twice"


def test_the_tables_of_the_pages_are_made_of_the_published_study(steps, tmp_path, monkeypatch):
    from bundle.research.publish.make import study as maker
    from bundle.research.publish.work import Work
    from tests.conftest import ROOT

    cost = json.dumps({"parameters": 76_000, "trained": 50.0, "scored": 200.0, "device": "a test"})
    monkeypatch.setattr("bundle.research.study.cost.measure", lambda _, folder: (folder / "cost.json").write_text(cost))
    monkeypatch.setattr("scripts.evaluation.roc.RESAMPLES", 20)
    monkeypatch.setattr(maker, "default_heads", lambda work: tmp_path / "heads")
    monkeypatch.setattr(maker, "do_all", lambda *args: do_here(*args))
    for name in ("scripts", "bundle", "configs", "models"):
        (tmp_path / name).symlink_to(ROOT / name)
    result = maker.make(Work(tmp_path))
    assert (tmp_path / "docs" / "figures" / "comparisons.png").exists()
    assert list(result["backbones"]["variants"]) == ["compact", "resnet", "resnext", "mobilenet", "efficientnet", "vgg"]
    assert list(result["training_sizes"]["variants"]) == ["single_3", "single_7", "single_13.5", "single_20"]
    assert result["comparisons"]["seeds"] == [0, 1, 2] and "paper" not in result
    for name in ("comparisons", "backbones", "curricula", "training_sizes", "lesion_types"):
        table = block_of_study(result, name)
        assert "mean of the seeds 0, 1, 2" in table and "| baseline without learning | 0." in table
    assert "](figures/comparisons.png)" in block_of_study(result, "comparisons")
    assert "| `vgg` |" in block_of_study(result, "backbones") and "0.08 M" in block_of_study(result, "backbones")


def test_the_tables_of_the_newborns_stand_beside_those_of_the_paper(steps, tmp_path, monkeypatch):
    from bundle.research.publish.blocks import BLOCKS
    from bundle.research.publish.make import newborn_study as maker
    from bundle.research.publish.work import Work
    from tests.bundle.research.study.test_folds import write_scans
    from tests.conftest import ROOT

    cost = json.dumps({"parameters": 76_000, "trained": 50.0, "scored": 200.0, "device": "a test"})
    monkeypatch.setattr("bundle.research.study.cost.measure", lambda _, folder: (folder / "cost.json").write_text(cost))
    monkeypatch.setattr("scripts.evaluation.roc.RESAMPLES", 20)
    monkeypatch.setattr(maker, "do_all", lambda runs, folder: do_here(runs, folder, None))
    monkeypatch.setattr(maker, "plan", lambda budget: [run for run in plan(budget) if run.seed == 0])  # quick
    for name in ("scripts", "bundle", "configs", "models"):
        (tmp_path / name).symlink_to(ROOT / name)
    scans = write_scans(tmp_path / "newborns", 4)
    result = maker.make(Work(tmp_path), newborns_dir=str(scans), folds=2)
    assert all(
        (tmp_path / "docs" / "figures" / f"newborn_{name}.png").exists() for name in ("backbones", "training_sizes")
    )
    tables = {name: write(result) for name, (of, write) in BLOCKS.items() if of == "newborn_study"}
    backbones = tables["newborn_backbones"]
    assert (
        "2 folds by subject; mean of the seeds 0, " in backbones and f"{2 * 2 * 4 * 16} pairs per training" in backbones
    )
    assert "| `vgg` | baseline without learning |" in backbones and "| parameters | 0.08 M |" in backbones
    assert "](figures/newborn_backbones.png)" in backbones
    paper = tables["newborn_paper"].splitlines()
    assert [row for row in paper if row.startswith("| `vgg` | VGG19 | 0.76 | ") and "| 0.78 (0.73–0.82) |" in row]
    assert [row for row in paper if row.startswith("| `compact` | – | – | ")]
    matrix = tables["newborn_training_sizes"]
    assert matrix.count("| `single_11.5` |") == matrix.count("| `mixed` |") == 2, "physical and painted"
    assert "| `ascending` | `rehearsing` | `mixed` |" in tables["newborn_curricula"]


def do_here(runs, folder, dataset_dir):
    from bundle.research.study import do_all

    do_all(runs, folder, dataset_dir, at_once=0)


@pytest.mark.slow
def test_a_study_resumes_and_writes_its_tables(runs_json, cohort, tmp_path, capsys):
    folder = tmp_path / "study"
    arguments = {"budget": "tiny", "tables": "heads", "file": str(runs_json), "dataset_dir": str(cohort)}
    study(str(folder), **arguments)
    table = json.loads((folder / "heads.json").read_text())
    assert table["seeds"] == [0, 1]
    assert table["variants"]["comparison=local"]["runs"] == 2
    page = (folder / "heads.md").read_text()
    assert "| 7 mm | 20 mm |" in page
    assert "| comparison=local | 0." in page
    assert "not for clinical use" in page
    assert "(1 epochs, pixels of" in page

    first, second = plan("tiny", ["heads"], runs_json)
    stamp = (folder / first.path / "model.pt").stat().st_mtime_ns
    shutil.rmtree(folder / second.path)
    assert is_done(first, folder, str(cohort)) and not is_done(second, folder, str(cohort))
    capsys.readouterr()
    study(str(folder), **arguments)
    assert "2 runs, of which 1 are done" in capsys.readouterr().out
    assert (folder / first.path / "model.pt").stat().st_mtime_ns == stamp


@pytest.mark.slow
def test_the_smoke_study_runs(tmp_path):
    study(str(tmp_path), runs="smoke")
    tables = json.loads(RUNS.read_text())["tables"]
    assert {path.stem for path in tmp_path.glob("*.md")} == set(tables)
    study(str(tmp_path), runs="smoke")  # at once: nothing is left to do
