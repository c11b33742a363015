"""The skull strips of a cross-validation: each learns from the other folds, and strips its own."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from scripts.data.scan import Scan
from scripts.skull_strip.given_mask import masks_beside

from ... import ROOT
from ..processes import Task, bundle_run, run_all
from .folds import Fold

SETTINGS: dict[str, Any] = {
    "plan": "fine",
    "maps": 16,
    "thick_maps": 8,
    "copies": 2,
    "epochs": 12,
    "learning_rate": 0.001,
    "val_maps": 2,
    "val_interval": 12,
}
"""Settings of a training that starts from :data:`START`: some ten minutes on one core."""

START = "models/synthetic/skull_strip.pt"
"""Weights that have seen no newborn, whoever is tested."""


def train_strips(folds: Sequence[Fold], settings: dict[str, Any] | None = None) -> list[Path]:
    """Train the skull strip of every fold on the scans with a reference mask; what is trained stays.

    Args:
        folds: each scan of which has a tight reference mask beside it.
        settings: of the training, in place of :data:`SETTINGS`.

    Returns:
        The weights of each fold.
    """
    files = [fold.folder / "skull_strip" / "skull_strip.pt" for fold in folds]
    left = [(fold, file) for fold, file in zip(folds, files, strict=True) if not file.exists()]
    tasks = [
        Task(f"skull strip of {fold.folder.name}", _train, (fold, file, {**SETTINGS, **(settings or {})}), log(file))
        for fold, file in left
    ]
    run_all(tasks) if tasks else None
    return files


def train_strip(heads: Path, file: Path, maps_dir: Path, settings: dict[str, Any]) -> None:
    """Train a skull strip on real heads, beside label maps.

    Args:
        heads: datalist of scans with ``brain_mask``.
        file: for the weights.
        maps_dir: where label maps are kept.
        settings: of ``configs/skull_strip_train.json``.
    """
    start = settings.pop("start", str(ROOT / START))
    folders = {"ckpt_dir": str(file.parent), "output_dir": str(file.parent), "maps_dir": str(maps_dir)}
    configs = [ROOT / "configs" / "skull_strip_train.json"]
    bundle_run(
        "training", configs, {"bundle_root": str(ROOT), "heads": str(heads), "start": start, **folders, **settings}
    )


def with_reference(scan: Scan) -> Scan:
    """Return the scan with its tight reference as ``brain_mask``: that of the datalist, or the one beside the scan.

    Raises:
        FileNotFoundError: if there is none.
    """
    beside = masks_beside(Path(scan["image"]))
    mask = scan.get("brain_mask") or next((file for file in beside if file.exists()), None)
    if mask is None:
        raise FileNotFoundError(
            f"{scan['image']}: expected a reference mask beside it, found none of "
            f"{', '.join(file.name for file in beside)}: add it, or name one as 'brain_mask' in a datalist."
        )
    return {**scan, "brain_mask": str(mask)}


def log(file: Path) -> Path:
    """Return the file that gets what a training prints."""
    return file.parent / "training.log"


def _train(fold: Fold, file: Path, settings: dict[str, Any]) -> None:
    seen = [with_reference(scan) for scan in [*fold.training, *fold.validation]]
    heads = fold.datalist("heads", training=seen, validation=[], test=[])
    train_strip(heads, file, fold.folder.parent / "label_maps", settings)
