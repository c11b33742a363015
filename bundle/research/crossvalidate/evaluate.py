"""Evaluate the networks of a cross-validation on the subjects that they have not seen."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from scripts.evaluation.summary import EvaluationReport, by_size

from ... import ROOT
from ..processes import Task, bundle_run, run_all
from .crossfit import crossfit
from .folds import Fold
from .networks import MASKS

HERE = Path(__file__).parent
EVIDENCE_FILE = "evidence.pt"
EVALUATE = [ROOT / "configs" / name for name in ("train.json", "cached_pairs.json", "evaluate.json")]
EVIDENCE = [*EVALUATE, HERE / "evidence.json"]
SCORES = [*EVALUATE, HERE.parent / "study" / "evaluate.json"]


def evaluate(folds: Sequence[Fold], files: Mapping[tuple[int, int], Path], name: str) -> dict[tuple[int, int], Path]:
    """Calibrate every network by the other folds and score its test subjects; what is scored stays.

    Args:
        folds: of the cross-validation.
        files: (number of the fold, seed) -> weights.
        name: of the way of training, as in ``networks.train_networks``.

    Returns:
        (number of the fold, seed) -> its ``scores.json``.
    """
    datalist = {k: fold.folder / f"datalist_{name}.json" for k, fold in enumerate(folds)}
    _run(
        [
            (
                f"evidence, {name}, fold {k}, seed {seed}",
                EVIDENCE,
                datalist[k],
                file,
                file.parent / "test" / EVIDENCE_FILE,
            )
            for (k, seed), file in files.items()
        ]
    )
    for seed in sorted({seed for _, seed in files}):
        of_seed = [files[k, seed] for k in range(len(folds))]
        crossfit(of_seed, [file.parent / "test" / EVIDENCE_FILE for file in of_seed])
    _run(
        [
            (
                f"scores, {name}, fold {k}, seed {seed}",
                SCORES,
                datalist[k],
                file.parent / "test" / "model.pt",
                file.parent / "test" / "scores.json",
            )
            for (k, seed), file in files.items()
        ]
    )
    return {key: file.parent / "test" / "scores.json" for key, file in files.items()}


def pooled(scores: Mapping[tuple[int, int], Path], contrast: str = "") -> EvaluationReport:
    """Summarise all folds as one evaluation; each seed is a run.

    The networks of a seed have thresholds of their own. Scores are shifted so that all have the mean threshold.

    Args:
        scores: (number of the fold, seed) -> ``scores.json``.
        contrast: only cases whose name ends so, such as ``T1w``; all by default.
    """
    tables, thresholds = [], []
    for seed in sorted({seed for _, seed in scores}):
        parts = [json.loads(scores[key].read_text()) for key in sorted(scores) if key[1] == seed]
        mean = sum(part["threshold"] for part in parts) / len(parts)
        table: dict[str, list[Any]] = {}
        for part in parts:
            columns = part["columns"]
            columns["score"] = [score - part["threshold"] + mean for score in columns["score"]]
            kept = [k for k, case in enumerate(columns["case"]) if case.endswith(contrast)]
            for column, values in columns.items():
                table.setdefault(column, []).extend(values[k] for k in kept)
        tables.append(table)
        thresholds.append(mean)
    return by_size(tables, thresholds)


def _run(rows: Sequence[tuple[str, Sequence[Path], Path, Path, Path]]) -> None:
    """Run evaluations whose result is missing."""
    tasks = []
    for title, configs, datalist, weights, result in rows:
        if result.exists():
            continue
        overrides = {
            "bundle_root": str(ROOT),
            "dataset_dir": str(datalist),
            "pairs_dir": str(datalist.parent.parent / "pairs"),
            "output_dir": str(result.parent),
            "ckpt_dir": str(weights.parent),
            **MASKS,
        }
        tasks.append(Task(title, bundle_run, ("evaluating", list(configs), overrides), result.with_suffix(".log")))
    run_all(tasks) if tasks else None
