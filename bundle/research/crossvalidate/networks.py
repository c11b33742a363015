"""The networks of a cross-validation: fine-tuned from a network of synthetic heads, in several seeds of each fold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from .datalists import first_datalist, fold_datalist
from .folds import Fold
from .heads import LEARN_FROM, MATERIALS, Material
from .train import DONE, Training, train_all

SETTINGS: dict[str, Any] = {
    "learning_rate": 0.002,
    "scans_per_batch": 2,
    "slices_per_scan": 8,
    "val_slices": 6,
    "target_fpr": 0.015,
    "appearance_prob": 0.4,
}
"""Settings of a training; epochs and lesion types are those of its material. It validates once, at the end."""


def train_networks(
    folds: Sequence[Fold],
    masks: Mapping[str, str],
    seeds: Sequence[int],
    learn_from: str = LEARN_FROM,
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
    material, folder = MATERIALS[learn_from], folds[0].folder.parent
    datalists = [fold_datalist(fold, masks, learn_from) for fold in folds]
    files: dict[tuple[int, int], Path] = {}
    trainings: dict[Path, Training] = {}
    for seed in seeds:
        for k, fold in enumerate(folds):
            home = fold.folder if material.newborns else folder
            target = home / learn_from / f"seed_{seed}"
            files[k, seed] = target / "model.pt"
            chosen = {**settings_of(material, settings or {}), "seed": seed}
            title = f"{learn_from}, {home.name}, seed {seed}"
            trainings.setdefault(target, Training(title, datalists[k], chosen))
    left = {target: training for target, training in trainings.items() if not (target / DONE).exists()}
    if left:
        first = train_first(folder, learn_from, settings or {})
        train_all({t: one._replace(settings={**one.settings, **first}) for t, one in left.items()}, folder / "pairs")
    return files


def train_first(folder: Path, learn_from: str, settings: Mapping[str, Any]) -> dict[str, str]:
    """Train the network that those of all folds start from, on synthetic heads, if the material has such a training.

    Args:
        folder: of the cross-validation.
        learn_from: a key of ``heads.MATERIALS``.
        settings: as in :func:`train_networks`.

    Returns:
        The setting ``start`` of the trainings of the folds; empty if they start from :data:`START`.
    """
    material = MATERIALS[learn_from].first
    if material is None:
        return {}
    target = folder / learn_from / "first"
    if not (target / DONE).exists():
        datalist = first_datalist(folder, f"datalist_{learn_from}", material)
        title = f"{learn_from}, what all folds share"
        train_all({target: Training(title, datalist, settings_of(material, settings))}, folder / "pairs")
    return {"start": str(target / "model.pt")}


def settings_of(material: Material, settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings of a training from this material, with these settings instead where they are given."""
    own = {"lesion_type": list(material.lesion_type), "epochs": material.epochs}
    chosen = {**SETTINGS, **own, **settings}
    # Weights are saved when a training validates: at its end, if not said otherwise.
    return {"val_interval": chosen["epochs"], **chosen}
