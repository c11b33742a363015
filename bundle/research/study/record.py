"""What a run was done with, as a file beside its results, so that it is done again only where something differs."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from ... import ROOT
from .plan import Run

RECORD = "run.json"
SETTINGS = ROOT / "configs" / "train.json"


def agrees(then: dict[str, Any] | None, now: dict[str, Any], run: Run) -> bool:
    """Whether a record of before says what one of now would.

    A setting that ``train.json`` had not got yet was code then, of which a record says nothing; else every new option
    would undo all studies. One that the run itself sets must be there.
    """
    if then is None:
        return False
    known = then.get("overrides", {}).get("train", {})
    train = {key: value for key, value in now["overrides"]["train"].items() if key in known or key in run.train}
    return then == {**now, "overrides": {**now["overrides"], "train": train}}


def phantom(run: Run, folder: Path) -> Path:
    """Where the run's synthetic heads are: cohorts that differ have folders that do."""
    named = {key.removeprefix("phantom_"): value for key, value in _settings(run).items() if key.startswith("phantom_")}
    return folder / "_".join(["phantom", *(f"{key}-{named[key]}" for key in sorted(named))])


def record(run: Run, folder: Path, dataset_dir: str | None) -> dict[str, Any]:
    """Everything that the results depend on, but for the code."""
    listed = Path(dataset_dir or "")
    datalist = listed / "datalist.json" if listed.is_dir() else listed
    weights = ROOT / run.weights / "model.pt" if run.weights else None
    return {
        "overrides": {"train": _settings(run), "evaluate": run.evaluate},
        "overlays": list(run.overlays),
        "data": [str(dataset_dir), _sha256(datalist)] if dataset_dir else phantom(run, folder).name,
        "weights": _sha256(weights),
    }


def _settings(run: Run) -> dict[str, Any]:
    """The settings of ``configs/train.json`` as the run has them, so that a default that changes is noticed, too."""
    default = json.loads(SETTINGS.read_text())
    plain = {key: value for key, value in default.items() if not set("$@%") & set(json.dumps(value))}
    return {**plain, **run.train}


def recorded(folder: Path) -> Any:
    """Read the record in a folder; None where there is none."""
    return json.loads((folder / RECORD).read_text()) if (folder / RECORD).exists() else None


def _sha256(file: Path | None) -> str | None:
    return hashlib.sha256(file.read_bytes()).hexdigest() if file is not None and file.exists() else None
