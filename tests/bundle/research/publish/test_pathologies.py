"""The page of the pathologies: its table is that of the rows, and its figure shows the patient's right on the left."""

import json

import numpy as np
from PIL import Image

from bundle.research.publish.pathology_figure import draw_panels, keep_panel
from bundle.research.publish.tables_pathologies import pathologies
from scripts.simulation.pathology.rows import PATHOLOGIES
from tests.conftest import ROOT
from tests.simulation.pathology.heads import anatomy, drawn


def test_the_published_rows_are_those_of_the_library():
    rows = json.loads((ROOT / "docs" / "results" / "pathologies.json").read_text())["rows"]
    assert list(rows) == list(PATHOLOGIES)
    for kind, row in PATHOLOGIES.items():
        words = {name: rows[kind][name] for name in ("words", "place", "unit", "t1", "t2", "source")}
        assert words == {name: getattr(row, name) for name in words}, (
            f"{kind}: run python -m bundle publish pathologies"
        )
        assert tuple(rows[kind]["severities"]) == row.severities
    table = pathologies({"rows": rows})
    assert table in (ROOT / "docs" / "pathologies.md").read_text()


def test_the_right_of_the_patient_is_on_the_left_of_a_panel(tmp_path):
    kind = "stroke_chronic"
    panels = [keep_panel(drawn(kind, side, 10.0), "T2", anatomy().canvas) for side in ("right", "left")]
    bright = [np.argwhere(panel.picture > 0.9)[:, 1].mean() / panel.picture.shape[1] for panel in panels]
    assert bright[0] < 0.5 < bright[1]
    draw_panels(panels, tmp_path / "figure.png")
    with Image.open(tmp_path / "figure.png") as picture:
        assert picture.width > 500
