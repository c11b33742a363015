"""Figures are written for every evaluation, and their lines differ without their colour."""

import itertools

import numpy as np
import pytest

from scripts.evaluation.figures import LESION_TYPES, LINES, OTHER, canvas, save
from scripts.evaluation.figures.by_size import detection_by_size
from scripts.evaluation.figures.psychometric import psychometric_curve
from scripts.evaluation.figures.reliability import reliability
from scripts.evaluation.summary import by_size
from tests.evaluation.test_report import table


def several_sizes():
    columns = table(lesion_types=("normal", "physical", "painted"), each=30)
    columns["size"][30:] = columns["size"].new_tensor([3.0, 7.0, 20.0] * 20)
    return columns


@pytest.mark.parametrize("columns", [several_sizes(), table()], ids=["with a curve", "without"])
@pytest.mark.parametrize("draw", [detection_by_size, psychometric_curve, reliability])
def test_every_report_can_be_drawn(draw, columns, tmp_path):
    report = {**by_size([columns], [1.0]), "scale": "side_mm"}
    draw(report, tmp_path / "figure.png")
    assert [path.name for path in tmp_path.iterdir()] == ["figure.png"]
    assert (tmp_path / "figure.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize("styles", [LINES, (*LESION_TYPES.values(), OTHER)], ids=["variants", "lesion types"])
def test_lines_differ_without_their_colour(styles):
    for first, second in itertools.combinations(styles, 2):
        assert first["marker"] != second["marker"]
        assert first["linestyle"] != second["linestyle"]


def test_a_note_stays_within_its_figure(tmp_path):
    figure = canvas(3, 2)
    figure.subplots()
    save(figure, tmp_path / "a.png", "a word and more of them " * 20)
    (note,) = [text for text in figure.texts if "a word" in text.get_text()]
    box = note.get_window_extent(figure.canvas.get_renderer())
    assert box.x0 >= 0 and box.x1 <= np.ceil(figure.bbox.width)
