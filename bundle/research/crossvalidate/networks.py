"""The networks of a cross-validation: fine-tuned from a network of synthetic heads, in several seeds of each fold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from scripts.data.scan import Scan

from ... import ROOT
from ..processes import Task, bundle_run, run_all
from .folds import Fold
from .heads import MATERIALS, training_heads, validation_heads
from .strips import with_reference

START = "models/synthetic/model.pt"
"""Weights that have seen no newborn, whoever is tested."""

SETTINGS: dict[str, Any] = {
    # Painted lesions are easily learnt, but not from physical ones alone.
    "lesion_type": ["physical", "physical", "painted"],
    "learning_rate": 0.002,
    "scans_per_batch": 2,
    "slices_per_scan": 8,
    "val_slices": 6,
    "target_fpr": 0.015,
    "appearance_prob": 0.4,
}
"""Settings of a training; the epochs are those of its material. It validates once, at the end."""

MASKS: dict[str, Any] = {"skull_strip": "given", "train::deterministic::given_mask": "brain_mask"}
"""Take the masks of the datalist, which no network made that has seen the scan."""

CONFIGS = ("train.json", "finetune.json", "cached_pairs.json")

DONE = "done"
"""File that says that a training came to its end; one that did not is resumed."""


def train_networks(
    folds: Sequence[Fold],
    masks: Mapping[str, str],
    seeds: Sequence[int],
    learn_from: str = "both",
    settings: Mapping[str, Any] | None = None,
) -> dict[tuple[int, int], Path]:
    """Train the networks of every fold and seed; what is trained stays.

    Args:
        folds: of the cross-validation.
        masks: case -> file of its brain mask.
        seeds: of the trainings.
        learn_from: a key of ``heads.MATERIALS``; the networks lie in folders of this name.
        settings: of the training, before those of :func:`settings_of`.

    Returns:
        (number of the fold, seed) -> its weights. Without newborns to learn from, all folds share a network.
    """
    files: dict[tuple[int, int], Path] = {}
    tasks: dict[Path, Task] = {}
    for seed in seeds:
        for k, fold in enumerate(folds):
            home = fold.folder if MATERIALS[learn_from].newborns else fold.folder.parent
            target = home / learn_from / f"seed_{seed}"
            files[k, seed] = target / "model.pt"
            datalist = fold_datalist(fold, masks, learn_from)
            if not (target / DONE).exists() and target not in tasks:
                chosen = {**settings_of(learn_from, settings or {}), "seed": seed}
                args = (datalist, target, fold.folder.parent / "pairs", chosen)
                title = f"{learn_from}, {home.name}, seed {seed}"
                tasks[target] = Task(title, train_network, args, target / "training.log")
    run_all(list(tasks.values())) if tasks else None
    return files


def settings_of(learn_from: str, settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings of a training from this material, with these settings instead where they are given."""
    chosen = {**SETTINGS, "epochs": MATERIALS[learn_from].epochs, **settings}
    # Weights are saved when a training validates: at its end, if not said otherwise.
    return {"val_interval": chosen["epochs"], **chosen}


def fold_datalist(fold: Fold, masks: Mapping[str, str], learn_from: str) -> Path:
    """Write the datalist of a fold with masks.

    Newborns to learn from come twice, with the mask of a skull strip and with the tight reference, so that a network
    does not depend on where exactly the mask ends. A training validates on a synthetic head: nothing is chosen by it
    here, and every newborn that is not tested is needed to learn from.
    """
    material, folder = MATERIALS[learn_from], fold.folder.parent
    newborns = with_two_masks(fold.training, masks) if material.newborns else []
    test: list[Scan] = [{**scan, "brain_mask": masks[scan["case"]]} for scan in fold.test]
    return fold.datalist(
        f"datalist_{learn_from}",
        training=[*newborns, *training_heads(folder, material.heads)],
        validation=validation_heads(folder),
        test=test,
    )


def with_two_masks(scans: Sequence[Scan], masks: Mapping[str, str]) -> list[Scan]:
    """Return every scan with the mask of a skull strip, and again with its tight reference."""
    own: list[Scan] = [{**scan, "brain_mask": masks[scan["case"]]} for scan in scans]
    return [*own, *(with_reference(scan) for scan in scans)]


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
