"""The benchmark of the preprocessing, as small as it can be: what it writes, and that the documents say the same."""

import json
from types import SimpleNamespace

import numpy as np
import pytest

from bundle.research.benchmark import preprocessing
from bundle.research.benchmark.false_alarms import _ratio
from bundle.research.benchmark.false_alarms import as_markdown as false_alarms_table
from bundle.research.benchmark.intensities import as_markdown as intensities_table
from bundle.research.benchmark.midline import as_markdown as midline_table
from bundle.research.benchmark.midline import benchmark_midline, real_as_markdown
from bundle.research.benchmark.midline.pair_figure import sides
from bundle.research.benchmark.predict import STAGES, benchmark_predict
from bundle.research.benchmark.predict import as_markdown as predict_table
from bundle.research.benchmark.skull_strip import benchmark_skull_strip, score
from bundle.research.benchmark.skull_strip.cost import costs
from bundle.research.benchmark.skull_strip.heads import Case, synthetic_heads
from bundle.research.benchmark.skull_strip.tables import against_as_markdown, cost_as_markdown, summary
from bundle.research.benchmark.skull_strip.tables import as_markdown as skull_strip_table
from tests.conftest import ROOT
from tests.heads import make_head

DOCUMENTED = {
    "skull_strip": ("skull_strip", skull_strip_table),
    "skull_strip_against": ("skull_strip", lambda report: against_as_markdown(report["against"])),
    "skull_strip_cost": ("skull_strip", lambda report: cost_as_markdown(report["cost"])),
    "midline": ("midline", midline_table),
    "midline_real": ("midline", real_as_markdown),
    "false_alarms": ("false_alarms", false_alarms_table),
    "intensities": ("intensities", intensities_table),
}


def _case(name: str = "one", group: str = "a set") -> Case:
    head = make_head("RAS", voxel=(3.0, 3.0, 3.0))
    brain = np.zeros(head.image.shape[1:], dtype=bool)
    brain[tuple(slice(n // 4, -n // 4) for n in brain.shape)] = True
    image = np.where(brain, head.image[0].numpy() + 1.0, 0.0).astype(np.float32)
    return Case(name, group, image, brain, head.image.affine.numpy())


def test_a_part_that_does_not_exist_and_options_of_no_part_are_refused():
    with pytest.raises(ValueError, match=r"no part 'skull'.*skull_strip, midline, intensities, false_alarms"):
        preprocessing(only="skull")
    with pytest.raises(ValueError, match=r"heads belong to one part.*--only"):
        preprocessing(heads=3)


def test_a_mask_equal_to_the_reference_scores_one():
    row, found = score("none", _case())
    assert row["dice"] == 1.0 and row["hd95"] == 0.0
    assert found.shape == _case().image.shape


def test_a_method_that_fails_counts_as_nothing_found():
    case = _case()
    row, found = score("none", case._replace(image=np.zeros_like(case.image)))
    assert row["dice"] == 0.0 and "no brain" in row["failed"] and not found.any()
    assert summary([row, {**row, "dice": 1.0}])["a set"]["none"]["dice_worst"] == 0.0


def test_skull_strip_writes_its_table_figure_and_page(tmp_path):
    (tmp_path / "page.md").write_text("<!-- table skull_strip -->\n<!-- end skull_strip -->\n")
    cases = [_case("one"), _case("two"), _case("three", "real, adult T1")]
    benchmark_skull_strip(str(tmp_path), methods=["none"], cases=cases, threads=())
    report = json.loads((tmp_path / "skull_strip.json").read_text())
    assert [row["head"] for row in report["cases"]] == ["one", "two", "three"]
    assert report["sets"]["a set"]["none"] == {
        **{"heads": 2, "failed": 0, "dice_mean": 1.0, "dice_worst": 1.0},
        **{"hd95_heads": 2, "hd95_mean": 0.0, "hd95_worst": 0.0},
    }
    assert "| a set (2) | 1.000 (1.000); 0.0 mm |" in (tmp_path / "page.md").read_text()
    assert (tmp_path / "figures" / "skull_strip.png").stat().st_size > 1000


def test_the_test_set_is_the_same_every_time():
    heads = [next(iter(synthetic_heads(1, 0))) for _ in range(2)]
    assert np.array_equal(heads[0].image, heads[1].image) and np.array_equal(heads[0].mask, heads[1].mask)
    assert heads[0].mask.any()


@pytest.mark.slow
def test_the_cost_of_a_method_that_fails_is_its_message():
    row = costs(["no such method"], [1])[0]
    assert "no such method" in row["failed"]
    assert "no such method" in cost_as_markdown([row])


def test_the_cost_on_a_gpu_has_a_row_of_its_own(monkeypatch):
    asked = []

    def run(command, **options):
        asked.append([*command[3:5], command[6]])
        gpu = {"gpu_mb": 900} if command[6] != "cpu" else {}
        told = json.dumps({"seconds": 0.2 if gpu else 1.0, "peak_mb": 1500, **gpu})
        return SimpleNamespace(returncode=0, stdout=told, stderr="")

    monkeypatch.setattr("bundle.research.benchmark.skull_strip.cost.write_head", lambda path: None)
    monkeypatch.setattr("bundle.research.benchmark.skull_strip.cost.subprocess.run", run)
    table = cost_as_markdown(costs(["learned", "deepbet"], [1, 2], gpu=True))
    assert asked == [[m, n, "cpu"] for m in ("learned", "deepbet") for n in "12"] + [["learned", "2", "cuda:0"]]
    assert "| learned | 2, and a GPU | 0.20 s | 1.50 GB, of the GPU 0.90 GB | 0.20 |" in table
    assert "GPU" not in cost_as_markdown(costs(["learned"], [1], gpu=False))


@pytest.mark.slow
def test_midline_writes_its_table_and_figure(tmp_path):
    path = benchmark_midline(tmp_path, heads=1, symmetric=1, strips=["none"], seed=11)
    summary = json.loads(path.read_text())
    assert summary["sets"]["own mask"]["angle_mean"] < 2
    assert summary["sets"]["symmetric"]["angle_mean"] < 0.2
    assert "mean plane (baseline) (1)" in midline_table(summary)
    for figure in ("midline", "pair"):
        assert (tmp_path / "figures" / f"{figure}.png").stat().st_size > 1000


def test_the_letters_of_the_pair_picture_come_from_the_affine():
    assert [sides(make_head(axes, voxel=4.0).image) for axes in ("RAS", "LAS", "LPS")] == ["LR", "RL", "RL"]
    with pytest.raises(ValueError, match=r"runs to [ASPI], not to a side"):
        sides(make_head("AIR", voxel=4.0).image)


@pytest.mark.slow
def test_predict_writes_seconds_memory_and_its_table(tmp_path, monkeypatch):
    (tmp_path / "page.md").write_text("<!-- table predict -->\n<!-- end predict -->\n")
    monkeypatch.setattr("bundle.research.benchmark.predict.PEERS", ("no_such_peer",))
    report = benchmark_predict(str(tmp_path), spacing=3.0, threads=1, repeats=1)
    own, peer = report["rows"][0], report["rows"][-1]
    assert set(own["seconds"]) == {*STAGES, "total"}
    assert own["seconds"]["total"] == pytest.approx(sum(own["seconds"][stage] for stage in STAGES), abs=0.5)
    assert 100 < own["peak_mb"] < 10_000
    assert "no_such_peer" in peer["failed"]
    assert json.loads((tmp_path / "predict.json").read_text()) == report
    assert "| `predict`, cpu |" in (tmp_path / "page.md").read_text()


def test_the_table_of_a_prediction_names_what_failed():
    rows = [{"what": "predict", "device": "cpu", "seconds": {"load": 1.04, "total": 7.0}, "peak_mb": 2100}]
    rows += [{"what": "deepbet", "device": "cpu", "failed": "not installed"}]
    table = predict_table({"spacing_mm": 0.5, "threads": 2, "rows": rows})
    assert "| `predict`, cpu | 1.0 | – | – | – | – | – | – | – | 7.0 | 2.1 GB |" in table
    assert "| brain extraction alone, deepbet | – | – | – | – | – | – | – | – | not installed | – |" in table


@pytest.mark.slow
def test_false_alarms_compares_found_with_perfect(tmp_path):
    preprocessing(str(tmp_path), only="false_alarms", heads=4, cohort_dir=tmp_path / "cohort", seed=3)
    report = json.loads((tmp_path / "false_alarms.json").read_text())
    assert 1 <= report["subjects"] <= 4 <= report["scans"] + len(report["refused"]) <= 8  # random contrasts left out
    assert set(report["ratio"]) == {"learned", "given mask, found plane", "learned, given plane"}
    assert all(0 <= share[0] <= 1 for share in report["false_positive_rate"].values())


@pytest.mark.slow
def test_the_inner_brain_depends_less_on_the_skull_strip(tmp_path):
    preprocessing(str(tmp_path), only="intensities", heads=2, cohort_dir=tmp_path / "cohort", seed=3)
    report = json.loads((tmp_path / "intensities.json").read_text())
    whole, inner = report["differs"]["whole"], report["differs"]["inner"]
    assert inner["median"] < whole["median"] and 0.5 < report["inner_share"] < 1
    assert f"| inner brain | {100 * inner['median']:.1f} % |" in intensities_table(report)


def test_a_ratio_over_no_false_alarm_is_left_open():
    report = {
        "scans": 1,
        "subjects": 1,
        "false_positive_rate": {"learned": [0.1, 0.0, 0.2], "perfect": [0.0, 0.0, 0.0]},
    }
    assert "| 10.0 % (0.0–20.0) | – (0.50––) |" in false_alarms_table(
        report | {"ratio": {"learned": [None, 0.5, None]}}
    )
    assert "Infinity" not in json.dumps(_ratio(np.array([0.1, 0.2]), np.array([0.0, 0.1])))


@pytest.mark.skipif(not (ROOT / "docs" / "predict.json").exists(), reason="not measured yet")
def test_the_documents_say_what_a_prediction_costs():
    report = json.loads((ROOT / "docs" / "predict.json").read_text())
    page = (ROOT / "docs" / "output.md").read_text()
    assert f"<!-- table predict -->\n{predict_table(report)}<!-- end predict -->" in page


@pytest.mark.parametrize("table", DOCUMENTED)
def test_the_documents_say_what_was_measured(table):
    file, as_markdown = DOCUMENTED[table]
    report = json.loads((ROOT / "docs" / f"{file}.json").read_text())
    page = (ROOT / "docs" / "preprocessing.md").read_text()
    assert f"<!-- table {table} -->\n{as_markdown(report)}<!-- end {table} -->" in page
