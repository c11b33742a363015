"""The trainings of a cross-validation, several at a time, each of which can be stopped."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from ... import ROOT
from ..pairs import fill_cache
from ..processes import Task, bundle_run, run_all
from .datalists import joined

START = "models/synthetic/model.pt"
"""Weights that have seen no newborn, whoever is tested."""

MASKS: dict[str, Any] = {"skull_strip": "given", "train::deterministic::given_mask": "brain_mask"}
"""Take the masks of the datalist, which no network made that has seen the scan."""

CONFIGS = [ROOT / "configs" / name for name in ("train.json", "finetune.json", "cached_pairs.json")]

DONE = "done"
"""File that says that a training came to its end; one that did not is resumed."""


class Training(NamedTuple):
    """A training to be done.

    Attributes:
        title: for the line that says that it is done.
        datalist: of its scans.
        settings: of ``configs/train.json``.
    """

    title: str
    datalist: Path
    settings: dict[str, Any]


def train_all(trainings: Mapping[Path, Training], pairs: Path) -> None:
    """Train networks, several at a time, after all their scans were preprocessed.

    Args:
        trainings: folder for the weights -> training.
        pairs: where preprocessed pairs are kept.
    """
    every = joined((training.datalist for training in trainings.values()), pairs.with_name("datalist_pairs.json"))
    settings = next(iter(trainings.values())).settings  # what is done to a scan beforehand is the same for all
    fill_cache([(CONFIGS, "train")], {**_overrides(every, pairs, pairs), **settings}, pairs)
    run_all(
        [
            Task(one.title, train_network, (one.datalist, target, pairs, one.settings), target / "training.log")
            for target, one in trainings.items()
        ]
    )


def train_network(datalist: Path, folder: Path, pairs: Path, settings: dict[str, Any]) -> None:
    """Train one network, or go on where it was stopped.

    Args:
        datalist: of its scans.
        folder: for its weights.
        pairs: where preprocessed pairs are kept.
        settings: of the training.
    """
    resume = {"resume": True} if (folder / "checkpoint.pt").exists() else {}
    bundle_run("training", CONFIGS, {**_overrides(datalist, folder, pairs), **settings, **resume})
    (folder / DONE).touch()


def _overrides(datalist: Path, folder: Path, pairs: Path) -> dict[str, Any]:
    return {
        "bundle_root": str(ROOT),
        "dataset_dir": str(datalist),
        "ckpt_dir": str(folder),
        "output_dir": str(folder / "log"),
        "pairs_dir": str(pairs),
        **MASKS,
        "start": str(ROOT / START),
    }
