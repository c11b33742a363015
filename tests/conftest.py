"""What the tests share: a tiny cohort of synthetic heads, and the bundle run on it in seconds."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

if "PYTEST_XDIST_WORKER" in os.environ:  # tests side by side: one thread each, in the processes that they start, too
    os.environ.setdefault("OMP_NUM_THREADS", "1")

import torch
from monai.bundle import ConfigWorkflow

ROOT = Path(__file__).parents[1]
TRAIN = str(ROOT / "configs" / "train.json")
EVALUATE = str(ROOT / "configs" / "evaluate.json")
INFERENCE = str(ROOT / "configs" / "inference.json")
#: Overrides that make a run of the bundle a matter of seconds.
TINY: dict[str, Any] = {
    "bundle_root": str(ROOT),
    "spacing": [2.0, 2.0, 4.0],
    "hemisphere_size": [32, 64],
    "epochs": 2,
    "val_interval": 1,
    "scans_per_batch": 2,
    "slices_per_scan": 2,
    "val_slices": 2,
    "sizes": [7, 20],
    "val_sizes": [7, 20],
    "device": "$torch.device('cpu')",
    "amp": False,
}


@pytest.fixture(scope="session", autouse=True)
def _bundle_is_importable() -> None:
    if str(ROOT) not in sys.path:
        sys.path.insert(0, str(ROOT))


@pytest.fixture(scope="session")
def cohort(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six synthetic heads on a coarse grid: four to train, one to validate, one to test."""
    from scripts.phantom.cohort import make_cohort

    folder = tmp_path_factory.mktemp("cohort")
    make_cohort(folder, subjects=6, spacing=2.5)
    return folder


@pytest.fixture(scope="session")
def pair_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the pairs of the tiny cohort are kept, so that they are made once for all tests."""
    return tmp_path_factory.mktemp("pairs")


@pytest.fixture
def workflow(cohort: Path, pair_cache: Path, tmp_path: Path) -> Callable[..., ConfigWorkflow]:
    """Build a workflow of the bundle on the tiny cohort: ``workflow(config, type, **overrides)``."""

    def build(config: Any = TRAIN, kind: str = "train", **overrides: Any) -> ConfigWorkflow:
        settings = {**TINY, "dataset_dir": str(cohort), "ckpt_dir": str(tmp_path), "output_dir": str(tmp_path / "out")}
        for part, split in (("train", "training"), ("validate", "test" if EVALUATE in config else "validation")):
            data = {"_target_": "scripts.data.datalist.dataset", "dataset_dir": "@dataset_dir", "split": split}
            kept = {"data": data, "transform": f"@{part}::preprocessing", "cache_dir": str(pair_cache)}
            settings[f"{part}::dataset"] = {"_target_": "PersistentDataset", **kept}
        if config == INFERENCE:
            settings = {"bundle_root": str(ROOT), "output_dir": str(tmp_path / "out"), "device": TINY["device"]}
        made = ConfigWorkflow(config, workflow_type=kind, logging_file=False, **{**settings, **overrides})
        made.initialize()
        return made

    return build


@pytest.fixture
def pairs() -> torch.Tensor:
    """Four noisy pairs (4, 2, 96, 224) with a brain that is a half ellipse; not symmetric."""
    generator = torch.Generator().manual_seed(0)
    row, column = torch.meshgrid(torch.arange(96), torch.arange(224), indexing="ij")
    brain = (row / 80) ** 2 + ((column - 112) / 100) ** 2 < 1
    return torch.randn(4, 2, 96, 224, generator=generator) * brain
