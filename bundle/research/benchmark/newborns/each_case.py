"""Measure every case of a part; a case that fails is named with its error, and the others go on."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from .... import ROOT
from ..cases import measure_all


class Measured(NamedTuple):
    """What was measured.

    Attributes:
        rows: of the cases that did not fail: what ``measure`` returned, with ``case``, ``subject`` and, of a scan,
            ``contrast``.
        failed: ``case`` and ``error`` of the others.
    """

    rows: list[dict[str, Any]]
    failed: list[dict[str, str]]


def measure_each(
    measure: Callable[[Any], dict[str, Any]], cases: Sequence[Any], folder: Path, at_once: int | None = None
) -> Measured:
    """Measure cases one by one; what is done already is not done again, and what failed is tried again.

    Args:
        measure: importable function of a case, JSON-safe.
        cases: see :mod:`.dataset`.
        folder: of the part; these cases with these files get a folder of their own in it.
        at_once: processes at a time, see :func:`bundle.research.benchmark.cases.measure_all`.
    """
    folder = folder / fingerprint(cases)
    for file in folder.glob("*.json"):
        if "failed" in json.loads(file.read_text()):
            file.unlink()
    rows = measure_all(_guarded, len(cases), folder, (measure, list(cases)), at_once)
    named = [
        {**{key: case[key] for key in ("case", "subject", "contrast") if key in case}, **row}
        for case, row in zip(cases, rows, strict=True)
    ]
    return Measured(
        [row for row in named if "failed" not in row],
        [{"case": row["case"], "error": row["failed"]} for row in named if "failed" in row],
    )


def fingerprint(cases: Sequence[Any]) -> str:
    """Return letters that change with the cases, and with the content or time of writing of their files."""
    files = _paths(cases) | {ROOT / "models" / "skull_strip.pt"}
    # By name and content: where this folder lies must not matter.
    states = sorted((file.name, str(_state(file))) for file in files if file.is_file())
    return hashlib.sha256(json.dumps([cases, states]).encode()).hexdigest()[:12]


def _state(file: Path) -> Any:
    """What tells a file from an earlier one: of weights their content, since every clone writes them anew."""
    written = file.stat()
    weights = file.suffix == ".pt"
    return hashlib.sha256(file.read_bytes()).hexdigest() if weights else (written.st_size, written.st_mtime_ns)


def _paths(content: Any) -> set[Path]:
    """Every text that may be a path."""
    if isinstance(content, str):
        return {Path(content)} if "/" in content else set()
    values = content.values() if isinstance(content, Mapping) else content if isinstance(content, list | tuple) else ()
    return {path for value in values for path in _paths(value)}


def _guarded(number: int, folder: Path, measure: Callable[[Any], dict[str, Any]], cases: list[Any]) -> dict[str, Any]:
    try:
        return measure(cases[number])
    except Exception as error:  # whatever it is, it must not stop the other scans
        reason = (str(error).strip().splitlines() or ["no message"])[0]
        return {"failed": f"{type(error).__name__}: {reason}"}
