"""Lines and bars on the console: lines by the main process alone, bars only where somebody watches."""

from __future__ import annotations

import os
import sys
from typing import Any


def is_main_process() -> bool:
    """Whether this process prints: the only one, or the first that ``torchrun`` has started."""
    return os.environ.get("RANK", "0") == "0"


def say(text: str) -> None:
    """Print a line above all bars, at once."""
    from tqdm import tqdm

    if is_main_process():
        tqdm.write(text)
        sys.stdout.flush()


def bar(total: int, unit: str, description: str = "", **options: Any) -> Any:
    """Make a progress bar on stderr, which vanishes at its end.

    It is off where nobody watches: stderr is no terminal, or another process prints. A line says then what is done.

    Args:
        total: number of steps.
        unit: name of a step.
        description: what is being done.
        options: others of ``tqdm``.

    Returns:
        A ``tqdm``.
    """
    from tqdm import tqdm

    disable = None if is_main_process() else True  # None: off unless stderr is a terminal
    made = tqdm(total=total, unit=unit, desc=description, leave=False, disable=disable, dynamic_ncols=True, **options)
    if made.disable and description:
        say(f"{description} …")
    return made


def close_bars() -> None:
    """Remove the bars that an error has left, so that its message starts on a line of its own."""
    if "tqdm" in sys.modules:
        for left in list(getattr(sys.modules["tqdm"].tqdm, "_instances", ())):
            left.close()


def duration(seconds: float) -> str:
    """Write a duration: ``8 s``, ``3 min 20 s``, ``1 h 12 min``."""
    rounded = round(seconds)
    if rounded < 60:
        return f"{rounded} s"
    if rounded < 3600:
        return f"{rounded // 60} min {rounded % 60} s"
    return f"{rounded // 3600} h {rounded % 3600 // 60} min"


def count(number: int, noun: str) -> str:
    """Write a number with its noun: ``1 scan``, ``2 scans``."""
    return f"{number} {noun}{'s' * (number != 1)}"
