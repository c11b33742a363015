"""The default run: the training and the evaluation of the README's first command, with their own cohort."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from scripts.disclaimer import RESEARCH_ONLY, SIMULATED

from ...pairs import fill_cache
from ...processes import Task, bundle_run, run_all
from ...study.run import TRAIN, TRAINED
from ..compact import compact
from ..nodes import EVALUATING, SCORES, STRIP
from ..work import Work

EVALUATE = (*TRAIN, TRAIN[0].with_name("evaluate.json"))


def make(work: Work) -> dict[str, Any]:
    """Train for all epochs and evaluate, with the settings of ``configs/train.json`` and ``evaluate.json``."""
    heads = default_heads(work)
    folder = work.folder("default", (STRIP, *EVALUATING, *SCORES, "scripts/training"), dataset=heads.name)
    overrides = {
        "bundle_root": str(work.root),
        "dataset_dir": str(heads),
        "pairs_dir": str(work.pairs()),
        "ckpt_dir": str(folder),
        "output_dir": str(folder),
    }
    if not (folder / TRAINED).exists():
        fill_cache([(TRAIN, "train"), (TRAIN, "validate"), (EVALUATE, "validate")], overrides, folder)
        resume = {"resume": (folder / "checkpoint.pt").exists()}
        _alone("training", TRAIN, {**overrides, **resume}, folder)
        (folder / TRAINED).touch()
    if not (folder / "by_size.json").exists():
        _alone("evaluating", EVALUATE, overrides, folder)
    settings = json.loads((work.root / EVALUATING[0]).read_text())
    return {
        "note": f"{SIMULATED} {RESEARCH_ONLY}",
        "seed": settings["seed"],
        "epochs": settings["epochs"],
        **compact(json.loads((folder / "by_size.json").read_text())),
    }


def default_heads(work: Work) -> Path:
    """Return the cohort that a training makes where it is given no data."""
    settings = json.loads((work.root / EVALUATING[0]).read_text())
    return work.cohort(
        "default", subjects=settings["phantom_subjects"], seed=0, asymmetry=settings["phantom_asymmetry"]
    )


def _alone(run_id: str, configs: tuple[Path, ...] | list[Path], overrides: dict[str, Any], folder: Path) -> None:
    run_all([Task(run_id, bundle_run, (run_id, configs, overrides), folder / f"{run_id}.log")])
