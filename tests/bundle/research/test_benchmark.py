"""The benchmarks of the preprocessing, as small as they can be."""

import json
from types import SimpleNamespace

import numpy as np
import pytest
from nibabel import orientations

from bundle.research.benchmark import false_alarms, midline, preprocessing, skull_strip
from bundle.research.benchmark.cases import measure_all
from bundle.research.benchmark.midline.pair_figure import sides
from bundle.research.benchmark.skull_strip import score
from bundle.research.benchmark.skull_strip.cost import costs
from bundle.research.benchmark.skull_strip.figure import draw_masks, keep_views
from bundle.research.benchmark.skull_strip.heads import Case, subject_heads
from bundle.research.benchmark.skull_strip.tables import summary
from bundle.research.publish import tables_preprocessing as tables
from tests.heads import make_head


def _case(name: str = "one", group: str = "a set") -> Case:
    head = make_head("RAS", voxel=(3.0, 3.0, 3.0))
    brain = np.zeros(head.image.shape[1:], dtype=bool)
    brain[tuple(slice(n // 4, -n // 4) for n in brain.shape)] = True
    image = np.where(brain, head.image[0].numpy() + 1.0, 0.0).astype(np.float32)
    return Case(name, group, image, brain, head.image.affine.numpy())


def test_a_part_that_does_not_exist_and_options_of_no_part_are_refused():
    with pytest.raises(ValueError, match=r"no part 'skull'.*skull_strip, midline, false_alarms, bias_field"):
        preprocessing(only="skull")
    with pytest.raises(ValueError, match=r"heads belong to one part.*--only"):
        preprocessing(heads=3)


def test_cases_that_are_measured_are_not_measured_again(tmp_path):
    def killed(number, folder):
        if number == 2:
            raise KeyboardInterrupt
        return number

    with pytest.raises(KeyboardInterrupt):
        measure_all(killed, 4, tmp_path, at_once=0)
    assert measure_all(lambda number, folder: 10 * number, 4, tmp_path, at_once=0) == [0, 1, 20, 30]


def test_a_mask_equal_to_the_reference_scores_one():
    row, mask = score("none", _case())
    assert row["dice"] == 1.0 and row["hd95"] == 0.0
    assert mask.shape == _case().image.shape


def test_a_method_that_fails_counts_as_nothing_found():
    case = _case()
    row, mask = score("none", case._replace(image=np.zeros_like(case.image)))
    assert row["dice"] == 0.0 and "no brain" in row["failed"] and not mask.any()
    assert summary([row, {**row, "dice": 1.0}])["a set"]["none"]["dice_worst"] == 0.0


def test_the_skull_strip_measures_its_sets_and_draws_the_synthetic_ones(tmp_path, monkeypatch):
    monkeypatch.setattr(skull_strip, "subject_heads", lambda seed, number, hard: iter([_case(str(seed), "synthetic")]))
    monkeypatch.setattr(skull_strip, "real_heads", lambda *args, only: iter([_case(only, "real, adult T1")]))
    monkeypatch.setattr(skull_strip, "find_root", lambda source, folders: tmp_path if source.contrast == "PD" else None)
    result = skull_strip.measure(tmp_path, heads=2, poses=1, methods=["none"], threads=(), at_once=0)
    assert result["sets"]["synthetic"]["none"] == {
        **{"heads": 2, "failed": 0, "dice_mean": 1.0, "dice_worst": 1.0},
        **{"hd95_mean": 0.0, "hd95_worst": 0.0},
    }
    assert result["sets"]["real, adult T1"]["none"]["heads"] == 1 and "not for clinical use" in result["note"]
    assert "| synthetic (2) | 1.000 (1.000); 0.0 mm |" in tables.skull_strip(result)
    assert (tmp_path / "figure.png").stat().st_size > 1000
    only_real = [row for row in json.loads((tmp_path / "real" / "0.json").read_text())]
    assert only_real[0]["head"] == "SPM's PD average"


@pytest.mark.parametrize("axes", ["RAS", "LPS", "AIL"])
def test_masks_are_drawn_in_the_radiological_convention(axes, tmp_path, monkeypatch):
    voxels = np.ones((20, 24, 28), dtype=np.float32)
    voxels[:10] += 1  # left
    voxels[:, 12:] += 2  # front
    change = orientations.ornt_transform(orientations.axcodes2ornt("RAS"), orientations.axcodes2ornt(axes))
    affine = np.diag([2.0, 2.0, 2.0, 1.0]) @ orientations.inv_ornt_aff(change, voxels.shape)
    image = orientations.apply_orientation(voxels, change)
    case = Case("one", "synthetic", image, image > 0, affine)
    drawn = []
    monkeypatch.setattr("matplotlib.figure.Figure.savefig", lambda figure, *args, **kwargs: drawn.append(figure))
    row = {"set": "synthetic", "head": "one", "dice": 1.0, "views": str(keep_views(case, case.mask, tmp_path))}
    draw_masks([row], tmp_path / "figure.png")
    (figure,) = drawn
    assert "the patient's left is on the right" in figure.get_supxlabel()
    figure.draw_without_rendering()
    for axis, (letters, share) in zip(figure.axes, [(["A", "P"], 0.25), (["R", "L"], 0.75)] * 3, strict=True):
        picture = axis.images[0].get_array()
        x = axis.transData.transform((np.argwhere(picture == picture.max())[:, 1].mean(), 0))[0]
        assert (x - axis.bbox.x0) / axis.bbox.width == pytest.approx(share, abs=0.02)
        assert [text.get_text() for text in sorted(axis.texts, key=lambda t: t.get_position()[0])] == letters


def test_the_table_says_if_the_rows_of_real_heads_are_of_other_weights():
    result = {"sets": {"real": {"none": {"heads": 1, "failed": 0, "dice_mean": 1.0, "dice_worst": 1.0}}}}
    assert "other weights" in tables.skull_strip({**result, "real_heads_weights": "of another"})
    assert "other weights" not in tables.skull_strip(result)


@pytest.mark.slow
def test_the_test_set_is_the_same_every_time():
    heads = [next(iter(subject_heads(900_000, 0, False))) for _ in range(2)]
    assert np.array_equal(heads[0].image, heads[1].image) and np.array_equal(heads[0].mask, heads[1].mask)
    assert heads[0].mask.any()


@pytest.mark.slow
def test_the_cost_of_a_method_that_fails_is_its_message():
    row = costs(["no such method"], [1])[0]
    assert "no such method" in row["failed"]
    assert "no such method" in tables.skull_strip_cost({"cost": [row]})


def test_the_cost_on_a_gpu_has_a_row_of_its_own(monkeypatch):
    asked = []

    def run(command, **options):
        asked.append([*command[3:5], command[6]])
        gpu = {"gpu_mb": 900} if command[6] != "cpu" else {}
        told = json.dumps({"seconds": 0.2 if gpu else 1.0, "peak_mb": 1500, **gpu})
        return SimpleNamespace(returncode=0, stdout=told, stderr="")

    monkeypatch.setattr("bundle.research.benchmark.skull_strip.cost.write_head", lambda path: None)
    monkeypatch.setattr("bundle.research.benchmark.skull_strip.cost.subprocess.run", run)
    table = tables.skull_strip_cost({"cost": costs(["learned", "deepbet"], [1, 2], gpu=True)})
    assert asked == [[m, n, "cpu"] for m in ("learned", "deepbet") for n in "12"] + [["learned", "2", "cuda:0"]]
    assert "| learned | 2, and a GPU | 0.20 s | 1.50 GB, of the GPU 0.90 GB | 0.20 |" in table
    assert "GPU" not in tables.skull_strip_cost({"cost": costs(["learned"], [1], gpu=False)})


@pytest.mark.slow
def test_the_midline_has_a_table_and_figures(tmp_path):
    result = midline.measure(tmp_path, heads=1, symmetric=1, strip="none", seed=11, at_once=0)
    assert result["sets"]["true mask"]["angle_mean"] < 2
    assert result["sets"]["symmetric"]["angle_mean"] < 0.2
    assert "mean plane (baseline) (1)" in tables.midline(result)
    for figure in ("midline", "pair"):
        assert (tmp_path / f"{figure}.png").stat().st_size > 1000


def test_the_letters_of_the_pair_picture_come_from_the_affine():
    assert [sides(make_head(axes, voxel=4.0).image) for axes in ("RAS", "LAS", "LPS")] == ["LR", "RL", "RL"]
    with pytest.raises(ValueError, match=r"runs to [ASPI], not to a side"):
        sides(make_head("AIR", voxel=4.0).image)


@pytest.mark.slow
def test_predict_measures_seconds_and_memory(tmp_path, monkeypatch):
    from bundle.research.benchmark import predict as verb

    module = __import__("bundle.research.benchmark.predict", fromlist=["measure"])
    monkeypatch.setattr(module, "TOOLS", ("no_such_tool",))
    verb(str(tmp_path), spacing=3.0, threads=1, repeats=1)
    result = json.loads((tmp_path / "predict.json").read_text())
    own, tool = result["rows"][0], result["rows"][-1]
    assert set(own["seconds"]) == {*tables.STAGES, "total"}
    assert own["seconds"]["total"] == pytest.approx(sum(own["seconds"][stage] for stage in tables.STAGES), abs=0.5)
    assert 100 < own["peak_mb"] < 10_000
    assert "no_such_tool" in tool["failed"]


def test_the_table_of_a_prediction_names_what_failed():
    rows = [{"what": "predict", "device": "cpu", "seconds": {"load": 1.04, "total": 7.0}, "peak_mb": 2100}]
    rows += [{"what": "deepbet", "device": "cpu", "failed": "not installed"}]
    table = tables.predict({"spacing_mm": 0.5, "threads": 2, "rows": rows})
    assert "| `predict`, cpu | 1.0 | – | – | – | – | – | – | – | 7.0 | 2.1 GB |" in table
    assert "| brain extraction alone, deepbet | – | – | – | – | – | – | – | – | not installed | – |" in table


@pytest.mark.slow
def test_false_positives_and_intensities_after_the_learned_and_the_perfect_preprocessing(tmp_path):
    result = false_alarms.measure(tmp_path, heads=2, seed=3, at_once=0)
    assert 1 <= result["subjects"] <= 2 <= result["scans"] + len(result["refused"]) <= 4
    assert set(result["ratio"]) == {"learned", "given mask, detected plane", "learned, given plane"}
    assert all(0 <= share[0] <= 1 for share in result["false_positive_rate"].values())
    whole, inner = result["intensities"]["whole"], result["intensities"]["inner"]
    assert inner["median"] < whole["median"]
    assert f"| inner brain | {100 * inner['median']:.1f} % |" in tables.intensities(result)


def test_a_ratio_over_no_false_positive_is_left_open():
    result = {
        "scans": 1,
        "subjects": 1,
        "false_positive_rate": {"learned": [0.1, 0.0, 0.2], "perfect": [0.0, 0.0, 0.0]},
    }
    table = tables.false_alarms(result | {"ratio": {"learned": [None, 0.5, None]}})
    assert "| 10.0 % (0.0–20.0) | – (0.50––) |" in table
    assert "Infinity" not in json.dumps(false_alarms._ratio(np.array([0.1, 0.2]), np.array([0.0, 0.1])))
