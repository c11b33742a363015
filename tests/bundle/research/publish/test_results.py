"""Results as they are written: compact, small pictures, and old rows kept where nothing new was measured."""

import json

import numpy as np
import pytest
from PIL import Image, ImageDraw

from bundle.research.publish.compact import MEASURES, compact, of_lesions, of_subjects
from bundle.research.publish.make.skull_strip import merged
from bundle.research.publish.picture import shrink
from bundle.research.publish.record import compact_json, rounded
from bundle.research.publish.work import Work
from scripts.evaluation.summary import by_size
from tests.conftest import ROOT
from tests.evaluation.test_report import table

LIMITS = {"docs": 2.3e6, "docs/figures": 1.6e6}


def columns():
    made = table(lesion_types=("normal", "bilateral", "physical", "painted"), each=16)
    made["size"][32:] = made["size"].new_tensor([3.0, 7.0, 13.5, 20.0] * 8)
    return {name: values if isinstance(values, list) else values.tolist() for name, values in made.items()}


def test_an_evaluation_turned_inside_out_says_the_same():
    report = by_size([columns()], [1.0])
    out = compact(report)
    row = next(row for row in report["rows"] if row["lesion_type"] == "physical" and row["size"] == 13.5)
    assert out["physical"]["13.5"] == {name: row[name] for name in MEASURES if row.get(name) is not None}
    assert out["physical"]["size_at_sensitivity"] == report["psychometric"]["physical"]["sizes"]
    assert out["painted"]["calibration"] == {k: report["calibration"]["painted"][k] for k in ("ece", "brier")}
    assert out["threshold"] == 1.0 and out["slices"] == 16
    json.dumps(out)


def test_rows_of_some_subjects_and_of_some_lesions():
    every = columns()
    one = sorted(set(every["subject"]))[0]
    assert set(of_subjects(every, [one])["subject"]) == {one}
    some = of_lesions(every, "physical", (7,))
    assert {*zip(some["lesion_type"], some["size"], strict=True)} >= {("physical", 7.0)}
    assert set(some["lesion_type"]) == {"normal", "bilateral", "physical"}
    assert len(set(map(len, some.values()))) == 1


def test_json_is_rounded_and_laid_out_in_few_lines():
    value = {"a": {"b": [0.123456, None, 2], "c": {"d": 1.0}}, "text": "größer"}
    text = compact_json(rounded(value))
    assert json.loads(text) == {"a": {"b": [0.1235, None, 2], "c": {"d": 1.0}}, "text": "größer"}
    assert "[0.1235, null, 2]" in text and "größer" in text and text.endswith("}\n")


def test_rows_of_what_was_not_measured_are_kept():
    before = {
        "sets": {"synthetic": {"learned": {"dice_mean": 0.9}}, "real, all": {"learned": {"dice_mean": 0.8}}},
        "against": {"real, all": {"mean": 0.1}},
        "cost": [{"method": "learned", "seconds": 9}, {"method": "deepbet", "seconds": 5}],
        "real_heads_weights": "old",
    }
    new = {
        "sets": {"synthetic": {"learned": {"dice_mean": 0.95}}},
        "against": {},
        "cost": [{"method": "learned", "seconds": 3}],
        "real_heads_weights": "new",
    }
    out = merged(new, before, real=False)
    assert out["sets"] == {"synthetic": {"learned": {"dice_mean": 0.95}}, "real, all": before["sets"]["real, all"]}
    assert out["cost"] == [{"method": "learned", "seconds": 3}, {"method": "deepbet", "seconds": 5}]
    assert out["against"] == before["against"] and out["real_heads_weights"] == "old"
    real = {**new, "sets": {**new["sets"], "real, all": {"learned": {"dice_mean": 0.85}}}}
    assert merged(real, before, real=True)["real_heads_weights"] == "new"
    assert merged(new, None, real=False) == new


def test_a_small_picture_keeps_thin_coloured_lines_and_a_white_page(tmp_path):
    rng = np.random.default_rng(0)
    picture = Image.fromarray(np.repeat(rng.integers(0, 256, (300, 400, 1), np.uint8), 3, axis=2))
    draw = ImageDraw.Draw(picture)
    draw.rectangle((0, 0, 400, 60), fill="white")
    draw.line((0, 100, 399, 100), fill=(213, 94, 0))
    picture.save(tmp_path / "large.png")
    shrink(tmp_path / "large.png", tmp_path / "small.png", 400)
    with Image.open(tmp_path / "small.png") as small:
        assert small.mode == "P" and small.size == (400, 300)
        assert small.convert("RGB").getpixel((5, 5)) == (255, 255, 255)
        assert small.convert("RGB").getpixel((50, 100)) == pytest.approx((213, 94, 0), abs=8)
    assert (tmp_path / "small.png").stat().st_size < (tmp_path / "large.png").stat().st_size
    shrink(tmp_path / "large.png", tmp_path / "small.png", 100)
    with Image.open(tmp_path / "small.png") as small:
        assert small.size == (100, 75)


def test_intermediate_data_is_made_anew_where_its_code_changed(tmp_path):
    (tmp_path / "room").mkdir()
    (tmp_path / "room" / "a.py").write_text("A = 1\n")
    work = Work(tmp_path)
    first = work.folder("scores_x", ("room",), seed=1)
    (first / "done").touch()
    assert work.folder("scores_x", ("room",), seed=1) == first and (first / "done").exists()
    other = work.folder("scores_x_y", ("room",))
    (tmp_path / "room" / "a.py").write_text("A = 2\n")
    second = work.folder("scores_x", ("room",), seed=1)
    assert second != first and not first.exists() and other.exists()


@pytest.mark.parametrize("folder", LIMITS)
def test_the_documentation_is_small(folder):
    assert sum(file.stat().st_size for file in (ROOT / folder).rglob("*") if file.is_file()) <= LIMITS[folder]


def test_every_picture_of_the_documentation_is_shown_and_there():
    pages = "".join(page.read_text() for page in [ROOT / "README.md", *(ROOT / "docs").glob("*.md")])
    for picture in (ROOT / "docs" / "figures").iterdir():
        assert f"figures/{picture.name}" in pages, picture.name
