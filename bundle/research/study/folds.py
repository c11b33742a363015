"""A study on few subjects: every run is made in every fold, so that each subject is tested once, and never seen."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from scripts.data.datalist import scans

from ..crossvalidate.folds import make_folds
from ..crossvalidate.strips import with_reference
from ..crossvalidate.train import MASKS
from .plan import FOLDS, Run
from .record import all_settings

VALIDATION = 2
"""Subjects of a fold that set the threshold of its networks; fewer if there are too few."""


def datalists(dataset_dir: str | Path, count: int, folder: Path) -> list[Path]:
    """Write a datalist for each fold: no subject is in two of its splits, and each is in the test split of one fold.

    Args:
        dataset_dir: the scans, a BIDS folder or a datalist, each with a tight brain mask beside it or as
            ``brain_mask``.
        count: number of folds.
        folder: of the study.

    Returns:
        The datalists, in order.

    Raises:
        ValueError: if there are too few subjects, or fewer than two folds.
        FileNotFoundError: if a scan has no brain mask.
    """
    if count < 2:
        raise ValueError(f"folds: expected 2 or more, so that there are subjects to learn from, found {count}.")
    path = Path(dataset_dir).resolve()
    beside = path if path.is_dir() else path.parent  # the paths of a datalist are relative to its folder
    found: list[Any] = [dict(scan) for scan in scans(str(path))]
    for scan in found:
        if scan.get("brain_mask"):
            scan["brain_mask"] = str(beside / scan["brain_mask"])
    found = [with_reference(scan) for scan in found]
    subjects = len({scan["subject"] for scan in found})
    left = subjects - -(-subjects // count)  # the subjects of a fold that are not tested
    folds = make_folds(found, count, folder / FOLDS, validation=max(1, min(VALIDATION, left - 1)))
    return [fold.datalist("datalist") for fold in folds]


def in_folds(runs: Sequence[Run], lists: Sequence[Path]) -> list[Run]:
    """Repeat every run in every fold, with the brain masks of the datalist.

    Args:
        runs: of the study.
        lists: datalist of each fold, see :func:`datalists`.
    """
    return [
        replace(run, fold=fold, datalist=str(file), settings={**run.settings, **MASKS}, cost=run.cost and fold == 0)
        for run in runs
        for fold, file in enumerate(lists)
    ]


def pairs_seen(run: Run) -> int:
    """Return how many pairs the training of a run in a fold sees: every slice it draws, with and without a lesion."""
    settings = all_settings(run)
    count = len(json.loads(Path(str(run.datalist)).read_text())["training"])
    return 2 * count * settings["slices_per_scan"] * settings["epochs"]
