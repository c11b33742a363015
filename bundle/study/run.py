"""Doing one run of a study through the bundle's own configs, and knowing whether it was done."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from .plan import Run

ROOT = Path(__file__).parents[2]
TRAIN = [ROOT / "configs" / "train.json", ROOT / "configs" / "cached_pairs.json"]
EVALUATE = [*TRAIN, ROOT / "configs" / "evaluate.json"]
RECORD = "run.json"


def is_done(run: Run, folder: Path) -> bool:
    """Whether a run's results lie in the study's folder, made with the same overrides."""
    record = folder / run.path / RECORD
    return record.exists() and json.loads(record.read_text())["overrides"] == _overrides(run)


def do(run: Run, folder: Path, dataset_dir: str | None = None) -> None:
    """Train and evaluate; the results appear whole at ``folder / run.path``, or not at all.

    Args:
        run: see :func:`bundle.study.plan.plan`.
        folder: of the study. Preprocessed pairs are kept in ``pairs`` there, for all runs.
        dataset_dir: the data; None makes the default cohort within ``folder``.

    Raises:
        RuntimeError: if a step fails, with its first error and the path of its whole log.
    """
    target = folder / run.path
    partial = target.with_name(f".partial_{target.name}")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    phantom = str(folder / "phantom")
    common = {
        **run.train,
        "bundle_root": str(ROOT),
        "dataset_dir": dataset_dir or phantom,
        "phantom_dir": phantom,
        "pairs_dir": str(folder / "pairs"),
        "ckpt_dir": str(partial),
        "output_dir": str(partial),
    }
    _step("training", TRAIN, common, partial)
    _step("evaluating", EVALUATE, {**common, **run.evaluate}, partial)
    (partial / RECORD).write_text(json.dumps({"overrides": _overrides(run)}, indent=2) + "\n")
    shutil.rmtree(target, ignore_errors=True)
    partial.rename(target)


def _overrides(run: Run) -> dict[str, Any]:
    return {"train": run.train, "evaluate": run.evaluate}


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
