"""Doing one run of a study through the bundle's own configs."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from ... import ROOT
from .cost import COST
from .plan import Run
from .record import RECORD, agrees, phantom, record, recorded

TRAIN = [ROOT / "configs" / "train.json", ROOT / "configs" / "cached_pairs.json"]
EVALUATE = [*TRAIN, ROOT / "configs" / "evaluate.json"]
TRAINED = "trained"
"""A file in the folder of a run that is not whole yet: its training is."""


def is_done(run: Run, folder: Path, dataset_dir: str | None = None) -> bool:
    """Whether a run's results lie in the study's folder, made with the same overrides, data and weights."""
    return agrees(recorded(folder / run.path), record(run, folder, dataset_dir), run)


def do(run: Run, folder: Path, dataset_dir: str | None = None) -> None:
    """Train and evaluate; the results appear whole at ``folder / run.path``, or not at all.

    A run that was stopped goes on where its last checkpoint is; a step that is done is not done again, nor is a run
    that another table has done.

    Args:
        run: see :func:`bundle.research.study.plan.plan`.
        folder: of the study. Preprocessed pairs are kept in ``pairs`` there, for all runs.
        dataset_dir: the data; None makes the default cohort within ``folder``.

    Raises:
        RuntimeError: if a step fails, with its first error and the path of its whole log; or if another process is at
            this run, as the two would undo each other's work.
    """
    target = folder / run.path
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(target.with_name(f".lock_{target.name}"), timeout=0):
            _do(run, folder, dataset_dir, target)
    except Timeout:
        raise RuntimeError(
            f"{target}: another process is doing this run. Wait for it, or take another folder."
        ) from None


def _do(run: Run, folder: Path, dataset_dir: str | None, target: Path) -> None:
    partial = target.with_name(f".partial_{target.name}")
    now = record(run, folder, dataset_dir)
    if not agrees(recorded(partial), now, run):
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(parents=True)
        (partial / RECORD).write_text(json.dumps(now, indent=2) + "\n")
    common = {
        **run.train,
        "bundle_root": str(ROOT),
        "dataset_dir": dataset_dir or str(phantom(run, folder)),
        "phantom_dir": str(phantom(run, folder)),
        "pairs_dir": str(folder / "pairs"),
        "ckpt_dir": str(ROOT / run.weights if run.weights else partial),
        "output_dir": str(partial),
    }
    same = next((path.parent for path in folder.glob(f"*/*/*/{RECORD}") if _is_twin(path.parent, now, run)), None)
    if same is not None:
        shutil.copytree(same, partial, dirs_exist_ok=True)
    else:
        if not run.weights and not (partial / TRAINED).exists():
            _step("training", TRAIN, {**common, "resume": (partial / "checkpoint.pt").exists()}, partial)
            (partial / TRAINED).touch()
        overlays = [ROOT / "configs" / name for name in run.overlays]
        _step("evaluating", [*EVALUATE, *overlays], {**common, **run.evaluate}, partial)
    if run.cost and not (partial / COST).exists():
        from .cost import measure  # torch loads with it

        measure(common, partial)
    shutil.rmtree(target, ignore_errors=True)
    partial.rename(target)


def _is_twin(folder: Path, now: dict[str, Any], run: Run) -> bool:
    """Whether the folder holds the whole results of a run with this record of now, of whichever table."""
    return not folder.name.startswith(".") and agrees(recorded(folder), now, run)


def _step(run_id: str, configs: list[Path], overrides: dict[str, Any], folder: Path) -> None:
    command = [sys.executable, "-m", "monai.bundle", "run", run_id, "--config_file", str([str(c) for c in configs])]
    command += [word for key, value in overrides.items() for word in (f"--{key}", _word(value))]
    log = folder / f"{run_id}.log"
    with log.open("w") as out:
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        done = subprocess.run(command, cwd=folder, env=environment, stdout=out, stderr=subprocess.STDOUT, check=False)
    if done.returncode:
        # MONAI's runner wraps an error in several of its own: the first is the cause.
        errors = re.findall(r"^\w*(?:Error|Exception|Interrupt)\b.*", log.read_text(), re.MULTILINE)
        raise RuntimeError(f"{run_id} failed, see {log}: {errors[0] if errors else f'exit code {done.returncode}'}")


def _word(value: Any) -> str:
    return value if isinstance(value, str) else repr(value)
