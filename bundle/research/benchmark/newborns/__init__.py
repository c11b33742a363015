"""The verb ``benchmark newborns``: how well normal scans of real newborns are measured."""

from __future__ import annotations

import json
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

OF_SCANS, OF_SESSIONS = "scans", "sessions"
PARTS = {
    "as_they_are": OF_SCANS,
    "contrasts": OF_SESSIONS,
    "same_lesion": OF_SESSIONS,
    "repeatability": OF_SCANS,
    "strip": OF_SCANS,
    "thick": OF_SCANS,
    "bias_field": OF_SCANS,
}
"""The parts, in order: a module here, with functions ``measure`` and ``summary`` -> what it measures one by one."""

SOME_FAILED = 1
"""Exit code if a scan failed."""


def newborns(
    dataset_dir: str,
    output_dir: str = "benchmark",
    networks: str | None = None,
    only: str | None = None,
    at_once: int | None = None,
) -> None:
    """Measure normal scans of newborns, and write newborns.json. Exit code: 0, or 1 if a scan failed.

    Args:
        dataset_dir: a folder of scans (BIDS or not), or a datalist JSON.
        output_dir: where the results go; what was measured there before is not measured again.
        networks: JSON list of {"subjects", "model", "skull_strip"}: each subject is measured by the networks that list
            it, which have not seen it; by default the shipped weights measure all.
        only: one part: as_they_are, contrasts, same_lesion, repeatability, strip, thick or
            bias_field; all by default.
        at_once: processes at a time; 0 works in this process; by default one for each core, up to four.

    Raises:
        ValueError: if there is no such part.
    """
    if only is not None and only not in PARTS:
        raise ValueError(f"There is no part {only!r}. Choose one of: {', '.join(PARTS)}.")
    report = measure(dataset_dir, Path(output_dir), networks, [only] if only else list(PARTS), at_once)
    from .printed import as_text

    print(as_text(report))
    print(Path(output_dir) / "newborns.json")
    if report["failed"]:
        sys.exit(SOME_FAILED)


def measure(
    dataset_dir: str, output_dir: Path, networks: str | None, parts: list[str], at_once: int | None
) -> dict[str, Any]:
    """Measure some parts, and write them to ``newborns.json`` beside what it holds of the same data and networks."""
    from scripts.atomic_write import write_text
    from scripts.disclaimer import RESEARCH_ONLY

    from .dataset import read_cases, read_sessions
    from .each_case import fingerprint

    cases = read_cases(dataset_dir, networks)
    of: dict[str, Any] = {OF_SCANS: cases, OF_SESSIONS: read_sessions(cases)}
    file, mark = output_dir / "newborns.json", fingerprint(cases)
    before = json.loads(file.read_text()) if file.exists() else {}
    same = before if before.get("fingerprint") == mark else {"parts": {}, "failed": []}
    report: dict[str, Any] = {
        "note": f"Normal scans; lesions are simulated. {RESEARCH_ONLY}",
        "fingerprint": mark,
        "subjects": len({case["subject"] for case in cases}),
        "scans": len(cases),
        "parts": same["parts"],
        "failed": same["failed"],
    }
    for name in parts:
        module = import_module(f".{name}", __package__)  # only now: torch loads with it
        rows, failed = module.measure(of[PARTS[name]], output_dir / "newborns" / name, at_once)
        done = {**report["parts"], name: module.summary(rows) if rows else None}
        report["parts"] = {part: done[part] for part in PARTS if part in done}
        report["failed"] = [one for one in report["failed"] if one["part"] != name]
        report["failed"] += [{"part": name, **one} for one in failed]
        write_text(file, json.dumps(report, indent=1, allow_nan=False) + "\n")
    return report
