"""The networks of a cross-validation: fine-tuned from a network of synthetic heads, in several seeds of each fold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from scripts.data.scan import Scan

from ... import ROOT
from ..processes import Task, bundle_run, run_all
from .folds import Fold
from .strips import with_reference

START = "models/synthetic/model.pt"
"""Weights that have seen no newborn, whoever is tested."""

SETTINGS: dict[str, Any] = {
    # Painted lesions are easily learnt, but not from physical ones alone.
    "lesion_type": ["physical", "physical", "painted"],
    "epochs": 48,
    "learning_rate": 0.002,
    "scans_per_batch": 2,
    "slices_per_scan": 8,
    "val_interval": 48,
    "val_slices": 6,
    "target_fpr": 0.015,
    "appearance_prob": 0.4,
}
"""Settings of a training on real newborns."""

MASKS: dict[str, Any] = {"skull_strip": "given", "train::deterministic::given_mask": "brain_mask"}
"""Take the masks of the datalist, which no network made that has seen the scan."""

CONFIGS = ("train.json", "finetune.json", "cached_pairs.json")


def train_networks(
    folds: Sequence[Fold],
    masks: Mapping[str, str],
    seeds: Sequence[int],
    more: Sequence[Scan] = (),
    settings: Mapping[str, Any] | None = None,
    name: str = "real",
) -> dict[tuple[int, int], Path]:
    """Train the networks of every fold and seed; what is trained stays.

    Args:
        folds: of the cross-validation.
        masks: case -> file of its brain mask.
        seeds: of the trainings.
        more: further scans to learn from, with ``brain_mask``, such as synthetic heads.
        settings: of the training, in place of those of :data:`SETTINGS`.
        name: of this way of training; its networks lie in folders of this name.

    Returns:
        (number of the fold, seed) -> its weights.
    """
    files = {
        (k, seed): fold.folder / name / f"seed_{seed}" / "model.pt" for seed in seeds for k, fold in enumerate(folds)
    }
    tasks = []
    for (k, seed), file in files.items():
        if not (file.parent / DONE).exists():
            datalist = fold_datalist(folds[k], masks, more, name)
            args = (
                datalist,
                file.parent,
                folds[k].folder.parent / "pairs",
                {**SETTINGS, **(settings or {}), "seed": seed},
            )
            tasks.append(
                Task(f"{name}, {folds[k].folder.name}, seed {seed}", train_network, args, file.parent / "training.log")
            )
    run_all(tasks) if tasks else None
    return files


DONE = "done"
"""File that says that a training came to its end; one that did not is resumed."""


def fold_datalist(fold: Fold, masks: Mapping[str, str], more: Sequence[Scan], name: str) -> Path:
    """Write the datalist of a fold with masks.

    Scans to learn from come twice, with the mask of a skull strip and with the tight reference, so that a network does
    not depend on where exactly the mask ends.
    """
    parts: dict[str, list[Scan]] = {"training": fold.training, "validation": fold.validation, "test": fold.test}
    own: dict[str, list[Scan]] = {
        split: [{**scan, "brain_mask": masks[scan["case"]]} for scan in scans] for split, scans in parts.items()
    }
    tight = [with_reference(scan) for scan in fold.training]
    return fold.datalist(f"datalist_{name}", more=[*tight, *more], **own)


def train_network(datalist: Path, folder: Path, pairs: Path, settings: dict[str, Any]) -> None:
    """Train one network, or go on where it was stopped.

    Args:
        datalist: of its scans.
        folder: for its weights.
        pairs: where preprocessed pairs are kept.
        settings: of the training.
    """
    folders = {"ckpt_dir": str(folder), "output_dir": str(folder / "log"), "pairs_dir": str(pairs)}
    resume = {"resume": True} if (folder / "checkpoint.pt").exists() else {}
    configs = [ROOT / "configs" / name for name in CONFIGS]
    overrides = {
        "bundle_root": str(ROOT),
        "dataset_dir": str(datalist),
        **folders,
        **MASKS,
        "start": str(ROOT / START),
        **settings,
        **resume,
    }
    bundle_run("training", configs, overrides)
    (folder / DONE).touch()
