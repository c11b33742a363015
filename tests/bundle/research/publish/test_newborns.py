"""The result on real newborns: its parts under names that a page can give, and its tables."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bundle.research.benchmark.newborns import as_they_are, thick
from bundle.research.publish import tables_newborn_scans as tables
from bundle.research.publish.make.newborns import _synthetic, shortened
from bundle.research.publish.values import shown
from bundle.research.publish.work import Work
from tests.conftest import ROOT

SIZES = (5.0, 7.0, 9.0, 13.5, 20.0)


@pytest.fixture(scope="module")
def result() -> dict[str, Any]:
    """Three subjects with a T1 and a T2 scan; the larger a lesion, the higher its score."""
    rows = []
    for number in range(3):
        for contrast in ("T1w", "T2w"):
            rng = np.random.default_rng([number, len(rows)])
            size = np.repeat([0.0, *SIZES], 10)
            columns = {
                "lesion_type": ["normal"] * 10 + ["physical"] * 50,
                "size": size.tolist(),
                "score": rng.normal(size / 4 - 2, 1).tolist(),
                "side_correct": [True] * 60,
                "peak_in_lesion": [True] * 60,
                "subject": [f"sub-{number}"] * 60,
            }
            lesions = {"threshold": 0.0, "columns": columns}
            scan = {"score": float(number), "threshold": 0.0, "above": False, "above_reference": None}
            scan |= {"side": "left", "slices": [-1.0, 1.0]}
            case = {"case": f"sub-{number}_{contrast}", "subject": f"sub-{number}", "contrast": contrast}
            versions = {name: lesions for name in (*thick.ACROSS, thick.TIGHT)}
            rows.append({**case, "runs": [{"scan": scan, "lesions": lesions, **versions}]})
    parts = {"as_they_are": as_they_are.summary(rows), "thick": thick.summary(rows), "strip": {"all": {"dice": 1}}}
    return {**shortened(parts), "synthetic": shortened({"as_they_are": parts["as_they_are"]})}


def test_a_page_can_name_its_numbers(result: dict[str, Any]) -> None:
    results = {"newborns": result}
    assert shown(results, "newborns.all.physical.20.auc") == "1.00"
    assert 0.7 < float(shown(results, "newborns.T1w.physical.7.auc")) < 1
    assert shown(results, "newborns.synthetic.T2w.physical.20.auc") == "1.00"
    assert result["strip"] == {"all": {"dice": 1}}


@pytest.mark.parametrize(
    ("table", "lines", "start"),
    [
        (tables.contrasts, 8, "| T1 and T2, trained on newborns | "),
        (tables.alarms, 5, "| T1 and T2 | 50 %"),
        (tables.thick, 7, "| as they are | "),
    ],
)
def test_tables(result: dict[str, Any], table: Any, lines: int, start: str) -> None:
    text = table(result).splitlines()
    assert len(text) == lines and text[2].startswith(start)


def test_the_baseline_has_seen_no_newborn() -> None:
    made = _synthetic(Work(ROOT), [{"subjects": ["sub-1"], "seed": 0, "model": "m", "skull_strip": "s"}])
    assert [row["subjects"] for row in made] == [["sub-1"]]
    for key in ("model", "skull_strip"):
        path = Path(made[0][key])
        assert path.exists() and path.parent == ROOT / "models" / "synthetic"
