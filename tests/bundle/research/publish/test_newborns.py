"""The result on real newborns: its parts under names that a page can give, and its tables."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bundle.research.benchmark.newborns import as_they_are, thick
from bundle.research.publish import tables_newborn_scans as tables
from bundle.research.publish.make.newborns import _in_short
from bundle.research.publish.newborn_networks import before_newborns, by_group
from bundle.research.publish.values import shown
from bundle.research.publish.work import Work
from tests.conftest import ROOT

SIZES = (5.0, 7.0, 9.0, 13.5, 20.0)
PARTS: dict[str, Any] = {
    "contrasts": {"same_plane": [0.92, 0.75, 1.0]},
    "same_lesion": {"9": {name: [0.97, 0.9, 1.0] for name in tables.SAME} | {"same_side_if_above": None}},
    "repeatability": {
        "all": {"as it is": {"sd": [0.2, 0.1, 0.3], "side_flips": None, "mirror_difference_worst": 0.001}}
    },
    "strip": {
        "all": {"dice": [0.96, 0.95, 0.97], "dice_worst": 0.95, "beyond": [0.002, 0.001, 0.004], "beyond_worst": 0.013}
    },
}


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
            scan = {
                "score": float(number),
                "threshold": 0.0,
                "above": False,
                "unusual": None,
                "asymmetry_index": 0.01 * number,
            }
            scan |= {"side": "left", "slices": [-1.0, 1.0]}
            case = {"case": f"sub-{number}_{contrast}", "subject": f"sub-{number}", "contrast": contrast}
            versions = {name: lesions for name in (thick.AS_THEY_ARE, *thick.ACROSS, thick.TIGHT)}
            rows.append({**case, "runs": [{"scan": scan, "lesions": lesions, **versions}]})
    parts = {"as_they_are": as_they_are.summary(rows), **PARTS}
    out = _in_short(parts)
    materials = {name: _in_short({"as_they_are": parts["as_they_are"]}) for name in tables.MATERIALS}
    thicknesses = {version: by_group(groups) for version, groups in thick.summary(rows).items()}
    return {**out, **materials, "thick": thicknesses}


def test_a_page_can_name_its_numbers(result: dict[str, Any]) -> None:
    results = {"newborns": result}
    assert shown(results, "newborns.all.physical.20.auc") == "1.00"
    assert 0.7 < float(shown(results, "newborns.T1w.physical.7.auc")) < 1
    assert shown(results, "newborns.synthetic.T2w.physical.20.auc") == "1.00"
    assert shown(results, "newborns.contrasts.same_plane") == "92 %"


@pytest.mark.parametrize(
    ("table", "lines", "start"),
    [
        (tables.contrasts, 8, "| T1 and T2, trained on newborns | "),
        (tables.materials, 7, "| synthetic heads | "),
        (tables.alarms, 5, "| T1 and T2 | 50.0 %"),
        (partial(tables.versions, part="thick"), 7, "| as they are | "),
        (tables.same_lesion, 3, "| 9 | 97.0 % (90.0–100.0) | – | "),
        (tables.repeatability, 3, "| T1 and T2, as it is | 0.20 (0.10–0.30) | – | 0.0010 |"),
        (tables.strip, 3, "| T1 and T2 | 0.960 (0.950–0.970) | 0.950 | 0.2 % (0.1–0.4) | 1.3 % |"),
    ],
)
def test_tables(result: dict[str, Any], table: Any, lines: int, start: str) -> None:
    text = table(result).splitlines()
    assert len(text) == lines and text[2].startswith(start)


def test_the_baseline_has_seen_no_newborn(tmp_path: Path) -> None:
    rows = [{"subjects": ["sub-1"], "seed": seed, "model": "m", "skull_strip": "s"} for seed in range(3)]
    (tmp_path / "networks.json").write_text(json.dumps(rows))
    made = json.loads(before_newborns(Work(ROOT), tmp_path / "networks.json").read_text())
    assert [row["subjects"] for row in made] == [["sub-1"]]
    for key in ("model", "skull_strip"):
        path = Path(made[0][key])
        assert path.exists() and path.parent == ROOT / "models" / "synthetic"
