"""The page of the pathologies: its table is that of the rows, and its figure shows the patient's right on the left."""

import json

import numpy as np
from PIL import Image

from bundle.research.publish.pathology_figure import draw_panels, keep_panel
from bundle.research.publish.tables_pathologies import p_values, pathologies, seen
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


def test_the_table_of_what_is_seen_has_a_row_for_each_kind():
    row = {"severity": 1.5, "auc": [0.9, 0.8, 0.95], "baseline_auc": None, "sensitivity": [0.7, 0.5, 0.9]}
    levels = {
        "moderate": {**row, "side_correct": [1.0, 1.0, 1.0], "hit": None},
        "both sides": {"above": [0.04, 0, 0.1]},
    }
    result = {"kinds": {"all": {"large": levels}, "T2w": {"large": levels}}, "units": {"large": "times the width"}}
    _, _, line = seen(result).splitlines()
    assert line == (
        "| `large` | 1.5 times the width | 0.90 (0.80–0.95) | – | 0.90 | – | 0.70 (0.50–0.90) | 1.00 | – | 4 % |"
    )


def test_the_table_of_p_values_shows_what_chance_allows():
    found = {"scans": 24, "observed": [[0.05, 0.083, 0.0, 0.125]], "distance": 0.14}
    lines = p_values({"p_values": {"all": found, "T1w": None}}).splitlines()
    assert lines[0].split(" | ")[2] == "below 5 %"
    assert lines[2:] == ["| T1 and T2 | 24 | 8 % (0–12 %) | 0.14 |"]
