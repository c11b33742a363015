"""A study of tiny runs, and a stand-in for the trainings that it asks for."""

import json
from pathlib import Path

import pytest

from bundle.research.study import run as run_module
from tests.conftest import TINY
from tests.evaluation.test_report import table

FEW = {k: TINY[k] for k in ("spacing", "hemisphere_size", "scans_per_batch", "slices_per_scan", "val_slices", "sizes")}


@pytest.fixture
def runs_json(tmp_path):
    content = {
        "budgets": {
            "tiny": {"seeds": [0, 1], "epochs": 1, "val_interval": 1, "val_sizes": [20], **FEW},
            "few": {"seeds": [0], "variants": 1, **FEW},
        },
        "tables": {
            "heads": {"title": "Heads", "vary": {"comparison": ["local"]}, "within": {"few": {"epochs": 3}}},
            "both": {
                "title": "Both",
                "vary": {"lesion_type": ["physical", ["soft", "volume"]], "comparison": ["local", "single_hemisphere"]},
                "budgets": ["tiny"],
            },
        },
    }
    path = tmp_path / "runs.json"
    path.write_text(json.dumps(content))
    return path


@pytest.fixture
def steps(monkeypatch):
    """Stand-in for the bundle's training and evaluation: leaves what they leave, and lists what it was asked for."""
    asked = []

    def step(run_id, configs, overrides):
        asked.append((run_id, [path.name for path in configs], overrides))
        folder = Path(overrides["output_dir"])
        if run_id == "training":
            (folder / "checkpoint.pt").touch()
        else:
            columns = table(lesion_types=("normal", "bilateral", "physical", "painted"), each=16)
            columns["size"][32:] = columns["size"].new_tensor([3.0, 7.0, 13.5, 20.0] * 8)
            columns |= {
                "contrast": [0.7, 2.2] * 32,
                "lateral_position": [0.1, 0.5] * 32,
                "anterior_position": [0.5] * 64,
            }
            columns |= {"case": ["sub-1_T1w", "sub-2_T2w"] * 32}
            columns |= {name: columns[name].tolist() for name in ("score", "size", "baseline")}
            (folder / "scores.json").write_text(json.dumps({"threshold": 1.0, "columns": columns}))

    monkeypatch.setattr(run_module, "_step", step)
    return asked
