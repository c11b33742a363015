"""Score every study of a folder: each gets its own files, and the exit code says whether all could be scored."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from scripts.atomic_write import write_text
from scripts.io.errors import ScanError

from ..predict import DONE, NOTHING_DONE, SOME_FAILED
from ..predict.pipeline import Pipeline
from ..predict.scan_result import failed_result
from ..predict.status_line import line
from .score import Scored, score_study
from .studies import find_studies
from .write import write_all


def run_studies(
    source: Path,
    target: Path,
    settings: Mapping[str, Any] | None = None,
    say: Callable[[str], None] = print,
    pipeline: Pipeline | None = None,
) -> int:
    """Score the studies of a folder.

    Args:
        source: with DICOM files at any depth.
        target: gets the files of a single study, or a folder for each of several.
        settings: keys of ``configs/inference.json`` with other values.
        say: gets a line for each study.
        pipeline: made of the settings; by default it is made here.

    Returns:
        0 if all were scored, 1 if some failed, 2 if none was scored. ``scores.json`` is always written.
    """
    pipeline, rules = pipeline or Pipeline(settings or {}), (settings or {}).get("dicom_series")
    studies = find_studies(source)
    if not studies:
        error = ScanError("unreadable", "no DICOM image in the folder. Give the folder of an MR study.")
        item = {"image": str(source), "case": "none", "subject": "none", "hidden": True}
        failed = failed_result(item, error, {**pipeline.provenance, "seconds": {}})
        write_text(target / "scores.json", json.dumps(failed, indent=2) + "\n")
        say(line(failed))
        return NOTHING_DONE
    states = []
    for study, files in studies.items():
        name = hashlib.sha256("|".join(study).encode()).hexdigest()[:8]
        folder = target / f"study-{name}" if len(studies) > 1 else target
        scored = score_study(files, pipeline, Path(rules) if rules else None)
        written = write_all(scored, folder)
        states.append(scored.result["status"])
        say("  ".join([line(scored.result), *_written(scored, written, folder)]))
    failures = states.count("failed")
    return DONE if not failures else NOTHING_DONE if failures == len(states) else SOME_FAILED


def _written(scored: Scored, written: list[Path], folder: Path) -> list[str]:
    """Say what was written, and what was not, and why."""
    parts = [f"{folder}: {', '.join(file.name for file in written)}"]
    if scored.frames is not None and not any(file.suffix == ".dcm" and "pdf" in file.name for file in written):
        parts.append("no PDF: no Chromium browser is installed, or it can't print")
    return parts
