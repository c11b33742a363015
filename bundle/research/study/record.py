"""The settings that a run was made with, as a file beside its results: a run is repeated only if they change."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from ... import ROOT
from .plan import Run

RECORD = "run.json"
SETTINGS = ROOT / "configs" / "train.json"


def agrees(recorded: dict[str, Any] | None, current: dict[str, Any], run: Run) -> bool:
    """Say whether a record on disk is that of a run with the current settings.

    A setting that was added to ``train.json`` later is ignored: its default is what the code did before. One that the
    run itself sets must be in the record.
    """
    if recorded is None:
        return False
    known = recorded.get("settings", {})
    settings = {key: value for key, value in current["settings"].items() if key in known or key in run.settings}
    return recorded == {**current, "settings": settings}


def cohort_folder(run: Run, folder: Path) -> Path:
    """Return where the run's synthetic heads are: cohorts with different settings have different folders."""
    settings = all_settings(run)
    named = {key.removeprefix("phantom_"): value for key, value in settings.items() if key.startswith("phantom_")}
    return folder / "_".join(["phantom", *(f"{key}-{named[key]}" for key in sorted(named))])


def record(run: Run, folder: Path, dataset_dir: str | None) -> dict[str, Any]:
    """Return everything that the results depend on, except the code."""
    dataset_dir = run.datalist or dataset_dir
    path = Path(dataset_dir or "")
    datalist = path / "datalist.json" if path.is_dir() else path
    data = [str(dataset_dir), _sha256(datalist)] if dataset_dir else cohort_folder(run, folder).name
    return {"settings": all_settings(run), "data": data}


def read_record(folder: Path) -> Any:
    """Read the record in a folder; None where there is none."""
    return json.loads((folder / RECORD).read_text()) if (folder / RECORD).exists() else None


def all_settings(run: Run) -> dict[str, Any]:
    """Return all settings of ``configs/train.json`` as the run has them, so that a changed default is noticed, too."""
    default = json.loads(SETTINGS.read_text())
    plain = {key: value for key, value in default.items() if not set("$@%") & set(json.dumps(value))}
    return {**plain, **run.settings}


def _sha256(file: Path) -> str | None:
    return hashlib.sha256(file.read_bytes()).hexdigest() if file.exists() else None
