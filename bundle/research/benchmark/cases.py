"""Measure case after case, in several processes; what is measured is kept, so that a stopped run continues."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from scripts.atomic_write import write_text

from ..processes import Task, run_all
from ..processes import at_once as fitting


def measure_all(
    measure: Callable[..., Any], count: int, folder: Path, args: tuple[Any, ...] = (), at_once: int | None = None
) -> list[Any]:
    """Call ``measure(number, folder, *args)`` for every case, and keep what it returns in the folder.

    Args:
        measure: importable; returns something JSON-safe, and may write files of its own to the folder.
        count: of the cases.
        folder: one for these cases and arguments alone; made if it is missing.
        args: further arguments.
        at_once: processes at a time; by default one for each core, up to four. 0 works in this process.

    Returns:
        What was returned for each case, in order.
    """
    folder.mkdir(parents=True, exist_ok=True)
    left = [number for number in range(count) if not (folder / f"{number}.json").exists()]
    if at_once == 0:
        _measure(measure, left, folder, args)
    elif left:
        number = at_once or fitting()
        shares = [left[share::number] for share in range(number) if left[share::number]]
        run_all(
            [
                Task(
                    f"{folder.name}, {len(share)} cases", _measure, (measure, share, folder, args), folder / f"{i}.log"
                )
                for i, share in enumerate(shares)
            ],
            number,
        )
    return [json.loads((folder / f"{number}.json").read_text()) for number in range(count)]


@cache
def atlas() -> Any:
    """Return the template of the synthetic heads, read once in a process."""
    from scripts.phantom.template import load_atlas  # torch loads with it

    return load_atlas()


def _measure(measure: Callable[..., Any], numbers: Sequence[int], folder: Path, args: tuple[Any, ...]) -> None:
    for number in numbers:
        write_text(folder / f"{number}.json", json.dumps(measure(number, folder, *args)))
