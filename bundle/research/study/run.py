"""One run of a study: training and evaluation through the bundle's own configs."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

from filelock import FileLock

from ... import ROOT
from .cost import COST
from .plan import Run
from .record import RECORD, agrees, cohort_folder, read_record, record

TRAIN = [ROOT / "configs" / "train.json", ROOT / "configs" / "cached_pairs.json"]
EVALUATE = [*TRAIN, ROOT / "configs" / "evaluate.json", Path(__file__).with_name("evaluate.json")]
TRAINED = "trained"
"""An empty file in the folder of an unfinished run: its training is complete."""


def is_done(run: Run, folder: Path, dataset_dir: str | None = None) -> bool:
    """Say whether a run's results are in the study's folder, made with the same settings and data."""
    return agrees(read_record(folder / run.path), record(run, folder, dataset_dir), run)


def do(run: Run, folder: Path, dataset_dir: str | None = None) -> None:
    """Train and evaluate; the results appear complete at ``folder / run.path``, or not at all.

    A run that was stopped continues at its last checkpoint; a completed step is not repeated. If another table has
    made the same run, its results are copied. If another process makes this run now, this one waits for it.

    Args:
        run: see :func:`bundle.research.study.plan.plan`.
        folder: of the study. Preprocessed pairs are kept in ``pairs`` there, for all runs.
        dataset_dir: the data; None makes the default cohort within ``folder``.
    """
    target = folder / run.path
    target.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(target.with_name(f".lock_{target.name}")):
        if not is_done(run, folder, dataset_dir):
            _do(run, folder, dataset_dir, target)


def overrides(run: Run, folder: Path, dataset_dir: str | None) -> dict[str, Any]:
    """Return the overrides of ``configs/train.json`` for a run, except its output folders."""
    return {
        **run.settings,
        "bundle_root": str(ROOT),
        "dataset_dir": run.datalist or dataset_dir or str(cohort_folder(run, folder)),
        "phantom_dir": str(cohort_folder(run, folder)),
        "pairs_dir": str(folder / "pairs"),
    }


def _do(run: Run, folder: Path, dataset_dir: str | None, target: Path) -> None:
    partial = target.with_name(f".partial_{target.name}")
    current = record(run, folder, dataset_dir)
    if not agrees(read_record(partial), current, run):
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(parents=True)
        (partial / RECORD).write_text(json.dumps(current, indent=2) + "\n")
    common = {**overrides(run, folder, dataset_dir), "ckpt_dir": str(partial), "output_dir": str(partial)}
    beside = folder.glob("/".join([*"*" * len(run.path.parts), RECORD]))
    same = next((path.parent for path in beside if _is_twin(path.parent, current, run)), None)
    if same is not None:
        shutil.copytree(same, partial, dirs_exist_ok=True)
    else:
        if not (partial / TRAINED).exists():
            _step("training", TRAIN, {**common, "resume": (partial / "checkpoint.pt").exists()})
            (partial / TRAINED).touch()
        _step("evaluating", EVALUATE, common)
    if run.cost and not (partial / COST).exists():
        from .cost import measure  # torch loads with it

        measure(common, partial)
    shutil.rmtree(target, ignore_errors=True)
    partial.rename(target)


def _is_twin(folder: Path, current: dict[str, Any], run: Run) -> bool:
    """Say whether the folder holds complete results of a run with the same record, of whichever table."""
    return not folder.name.startswith(".") and agrees(read_record(folder), current, run)


def _step(run_id: str, configs: list[Path], overrides: dict[str, Any]) -> None:
    from ..processes import bundle_run  # MONAI loads with it

    bundle_run(run_id, configs, overrides)
