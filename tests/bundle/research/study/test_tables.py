"""From runs to tables, figures and filled pages."""

import json
import shutil

import pytest

from bundle.research.pages import fill
from bundle.research.study import plan, study
from bundle.research.study.plan import RUNS
from bundle.research.study.run import do, is_done
from bundle.research.study.tables import write_tables


def test_the_smoke_study_writes_every_table_of_the_shipped_one(steps, tmp_path, monkeypatch):
    cost = json.dumps({"parameters": 76_000, "trained": 50.0, "scored": 200.0, "device": "a test"})
    monkeypatch.setattr("bundle.research.study.cost.measure", lambda _, folder: (folder / "cost.json").write_text(cost))
    monkeypatch.setattr("scripts.evaluation.roc.RESAMPLES", 20)
    study(str(tmp_path), runs="smoke")
    tables = json.loads(RUNS.read_text())["tables"]
    for name, row in tables.items():
        page = (tmp_path / f"{name}.md").read_text()
        assert row["title"] in page and "simulated" in page and "not for clinical use" in page
        assert (tmp_path / f"{name}.json").exists()
        assert (tmp_path / f"{name}.png").exists() == ("figure" in row)
    assert "painted lesions, their own images) | – | 0.76 | 0.99 | 0.99 |" in (tmp_path / "default.md").read_text()
    assert "| comparison=local | 0.08 M | 50 | 200 |" in (tmp_path / "heads.md").read_text()
    assert "| contrast: below 1 sd | " in (tmp_path / "shipped_parts.md").read_text()
    assert all(is_done(run, tmp_path) for run in plan("smoke")), "nothing would be done twice"


@pytest.mark.slow
def test_a_study_resumes_and_writes_its_tables(runs_json, cohort, tmp_path, capsys):
    folder, docs = tmp_path / "study", tmp_path / "docs" / "study"
    docs.mkdir(parents=True)
    (docs.parent / "results.md").write_text("# Results\n<!-- table heads -->\nSTALE\n<!-- end heads -->\nafter\n")
    arguments = {"budget": "tiny", "tables": "heads", "file": str(runs_json), "dataset_dir": str(cohort)}
    study(str(folder), docs=str(docs), **arguments)
    table = json.loads((docs / "heads.json").read_text())
    assert table["seeds"] == [0, 1]
    assert table["variants"]["comparison=local"]["runs"] == 2
    page = (docs.parent / "results.md").read_text()
    assert "STALE" not in page and page.endswith("<!-- end heads -->\nafter\n")
    assert "own threshold, physical lesions**" in page
    assert "| 7 mm | 20 mm |" in page
    assert "| comparison=local | 0." in page
    assert "not for clinical use" in page
    assert "(epochs: 1, pixels of" in page
    assert "[study/heads.md](study/heads.md)" in page
    assert "Area under" not in page and "False positives" in (docs / "heads.md").read_text()

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


def test_fill_replaces_only_what_the_markers_enclose():
    page = "a\n<!-- table x -->\n1\n<!-- end x -->\n<!-- table y -->\n2\n<!-- end y -->\n"
    assert fill(page, "x", "new\n") == page.replace("1\n", "new\n")
    assert fill(page, "z", "new\n") == page
