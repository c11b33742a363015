"""The study, as tiny as it can be: its plan, one run, what is done is not done again, the tables."""

import json
import shutil

import pytest

from bundle.pages import fill
from bundle.study import plan, study
from bundle.study.run import do, is_done

from .conftest import TINY

FEW = {k: TINY[k] for k in ("spacing", "half_size", "scans_per_batch", "slices_per_scan", "val_slices", "sizes")}

HEADS = ["local", "one_half"]


@pytest.fixture
def runs_json(tmp_path):
    content = {
        "budgets": {"tiny": {"seeds": [0, 1], "epochs": 1, "val_interval": 1, "val_sizes": [20], **FEW}},
        "tables": {
            "heads": {"title": "Heads", "vary": {"head": ["local"]}},
            "both": {
                "title": "Both",
                "vary": {"kind": ["physical", ["soft", "volume"]], "head": ["local", "one_half"]},
            },
        },
    }
    path = tmp_path / "runs.json"
    path.write_text(json.dumps(content))
    return path


def test_plan_is_every_combination_for_every_seed(runs_json):
    runs = plan("tiny", ["both"], runs_json)
    assert len(runs) == 8
    assert [run.seed for run in runs] == [0] * 4 + [1] * 4
    assert str(runs[-1].path) == "both/kind=soft+volume,head=one_half/seed_1"
    assert runs[-1].train["kind"] == ["soft", "volume"]
    assert len(plan("tiny", file=runs_json)) == 10


def test_unknown_names_list_those_there_are(runs_json):
    with pytest.raises(ValueError, match=r"no budget 'huge'.*tiny"):
        plan("huge", file=runs_json)
    with pytest.raises(ValueError, match=r"no table 'tails'.*heads, both"):
        plan("tiny", ["tails"], runs_json)


def test_shipped_study_names_what_there_is():
    from scripts.backbones import COMPACT, FAMILIES
    from scripts.curriculum import CURRICULA
    from scripts.kinds import KINDS
    from scripts.siamese import HEADS as BUILT

    known = {"backbone": {*COMPACT, *FAMILIES}, "head": set(BUILT), "curriculum": set(CURRICULA), "kind": set(KINDS)}
    for budget in ("smoke", "cpu", "gpu"):
        for run in plan(budget):
            for key in known.keys() & run.train.keys():
                value = run.train[key]
                assert set(value if isinstance(value, list) else [value]) <= known[key]


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
    assert is_done(first, folder) and not is_done(second, folder)
    capsys.readouterr()
    study(str(folder), **arguments)
    assert "2 runs, of which 1 are done" in capsys.readouterr().out
    assert (folder / first.path / "model.pt").stat().st_mtime_ns == stamp


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
