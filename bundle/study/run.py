"""Doing one run of a study through the bundle's own configs, and knowing whether it was done."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from .cost import COST
from .plan import ROOT, Run

TRAIN = [ROOT / "configs" / "train.json", ROOT / "configs" / "cached_pairs.json"]
EVALUATE = [*TRAIN, ROOT / "configs" / "evaluate.json"]
RECORD = "run.json"
TRAINED = "trained"
"""A file in the folder of a run that is not whole yet: its training is."""


def is_done(run: Run, folder: Path, dataset_dir: str | None = None) -> bool:
    """Whether a run's results lie in the study's folder, made with the same overrides, data and weights."""
    return _agrees(_recorded(folder / run.path), _record(run, folder, dataset_dir), run)


def do(run: Run, folder: Path, dataset_dir: str | None = None) -> None:
    """Train and evaluate; the results appear whole at ``folder / run.path``, or not at all.

    A run that was stopped goes on where its last checkpoint is; a step that is done is not done again, nor is a run
    that another table has done.

    Args:
        run: see :func:`bundle.study.plan.plan`.
        folder: of the study. Preprocessed pairs are kept in ``pairs`` there, for all runs.
        dataset_dir: the data; None makes the default cohort within ``folder``.

    Raises:
        RuntimeError: if a step fails, with its first error and the path of its whole log.
    """
    target = folder / run.path
    partial = target.with_name(f".partial_{target.name}")
    record = _record(run, folder, dataset_dir)
    if not _agrees(_recorded(partial), record, run):
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(parents=True)
        (partial / RECORD).write_text(json.dumps(record, indent=2) + "\n")
    common = {
        **run.train,
        "bundle_root": str(ROOT),
        "dataset_dir": dataset_dir or str(_phantom(run, folder)),
        "phantom_dir": str(_phantom(run, folder)),
        "pairs_dir": str(folder / "pairs"),
        "ckpt_dir": str(ROOT / run.weights if run.weights else partial),
        "output_dir": str(partial),
    }
    same = next((path.parent for path in folder.glob(f"*/*/*/{RECORD}") if _is_twin(path.parent, record, run)), None)
    if same is not None:
        shutil.copytree(same, partial, dirs_exist_ok=True)
    else:
        if not run.weights and not (partial / TRAINED).exists():
            _step("training", TRAIN, {**common, "resume": (partial / "last.pt").exists()}, partial)
            (partial / TRAINED).touch()
        overlays = [ROOT / "configs" / name for name in run.overlays]
        _step("evaluating", [*EVALUATE, *overlays], {**common, **run.evaluate}, partial)
    if run.cost and not (partial / COST).exists():
        from .cost import measure  # torch loads with it

        measure(common, partial)
    shutil.rmtree(target, ignore_errors=True)
    partial.rename(target)


def _is_twin(folder: Path, record: dict[str, Any], run: Run) -> bool:
    """Whether the folder holds the whole results of a run with this record, of whichever table."""
    return not folder.name.startswith(".") and _agrees(_recorded(folder), record, run)


def _agrees(recorded: dict[str, Any] | None, record: dict[str, Any], run: Run) -> bool:
    """Whether a record of before says what one of now would.

    A setting that ``train.json`` had not got yet was code then, of which a record says nothing; else every new option
    would undo all studies. One that the run itself sets must be there.
    """
    if recorded is None:
        return False
    then = recorded.get("overrides", {}).get("train", {})
    now = {key: value for key, value in record["overrides"]["train"].items() if key in then or key in run.train}
    return recorded == {**record, "overrides": {**record["overrides"], "train": now}}


def _phantom(run: Run, folder: Path) -> Path:
    """Where the run's synthetic heads are: cohorts that differ have folders that do."""
    named = {key.removeprefix("phantom_"): value for key, value in _settings(run).items() if key.startswith("phantom_")}
    return folder / "_".join(["phantom", *(f"{key}-{named[key]}" for key in sorted(named))])


def _record(run: Run, folder: Path, dataset_dir: str | None) -> dict[str, Any]:
    """Everything that the results depend on, but for the code."""
    listed = Path(dataset_dir or "")
    datalist = listed / "datalist.json" if listed.is_dir() else listed
    weights = ROOT / run.weights / "model.pt" if run.weights else None
    return {
        "overrides": {"train": _settings(run), "evaluate": run.evaluate},
        "overlays": list(run.overlays),
        "data": [str(dataset_dir), _sha256(datalist)] if dataset_dir else _phantom(run, folder).name,
        "weights": _sha256(weights),
    }


def _settings(run: Run) -> dict[str, Any]:
    """The settings of ``configs/train.json`` as the run has them, so that a default that changes is noticed, too."""
    default = json.loads(TRAIN[0].read_text())
    plain = {key: value for key, value in default.items() if not set("$@%") & set(json.dumps(value))}
    return {**plain, **run.train}


def _recorded(folder: Path) -> Any:
    return json.loads((folder / RECORD).read_text()) if (folder / RECORD).exists() else None


def _sha256(file: Path | None) -> str | None:
    return hashlib.sha256(file.read_bytes()).hexdigest() if file is not None and file.exists() else None


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
