"""The evidence of the networks of a cross-validation in subjects that they have not seen, and their calibration."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from ... import ROOT
from ..processes import Task, bundle_run, run_all
from .crossfit import crossfit
from .folds import Fold
from .train import MASKS

EVIDENCE_FILE = "evidence.pt"
CONFIGS = (
    *(ROOT / "configs" / name for name in ("train.json", "cached_pairs.json", "evaluate.json")),
    Path(__file__).with_suffix(".json"),
)


def calibrate_folds(
    folds: Sequence[Fold], files: Mapping[tuple[int, int], Path], learn_from: str
) -> dict[tuple[int, int], Path]:
    """Write every network with the calibration and the threshold of the other folds.

    Args:
        folds: of the cross-validation.
        files: (number of the fold, seed) -> weights.
        learn_from: as in ``networks.train_networks``.

    Returns:
        (number of the fold, seed) -> calibrated weights, with the evidence beside them, in :data:`EVIDENCE_FILE`.
    """
    results = {(k, seed): folds[k].folder / learn_from / f"seed_{seed}" / "test" / EVIDENCE_FILE for k, seed in files}
    tasks = []
    for (k, seed), file in files.items():
        result = results[k, seed]
        if not result.exists():
            overrides = {
                "bundle_root": str(ROOT),
                "dataset_dir": str(folds[k].folder / f"datalist_{learn_from}.json"),
                "pairs_dir": str(folds[k].folder.parent / "pairs"),
                "output_dir": str(result.parent),
                "ckpt_dir": str(file.parent),
                **MASKS,
            }
            args = ("evaluating", list(CONFIGS), overrides)
            title = f"evidence, {learn_from}, fold {k}, seed {seed}"
            tasks.append(Task(title, bundle_run, args, result.with_suffix(".log")))
    run_all(tasks) if tasks else None
    calibrated: dict[tuple[int, int], Path] = {}
    for seed in sorted({seed for _, seed in files}):
        keys = [(k, seed) for k in range(len(folds))]
        made = crossfit([files[key] for key in keys], [results[key] for key in keys])
        calibrated.update(zip(keys, made, strict=True))
    return calibrated
