"""An error as one line: the sentence that our own code raised, without what frameworks wrap round it."""

from __future__ import annotations

import linecache
import os
import sys
import traceback
from pathlib import Path
from types import TracebackType

from .output import close_bars

TRACEBACK = "NBS_TRACEBACK"
"""Environment variable: where it is ``1``, every error is shown with its traceback."""

OURS = (ValueError, TypeError, OSError, ImportError, RuntimeError)
"""Errors that carry a sentence for the user if our own code raised them; all others are faults of the program."""

ROOT = Path(__file__).resolve().parents[2]
"""The bundle's folder: what lies in its ``scripts`` and ``bundle`` is our own code."""


def sentence(error: BaseException) -> str | None:
    """Return the message of the error that our own code raised, among those that are chained to ``error``.

    Frameworks wrap an error in several of their own. The outermost one that a ``raise`` of ours made is meant for the
    user. A file that can't be read or written names itself, whoever tried.

    Args:
        error: as it arrives at the top.

    Returns:
        The sentence, or None where only the traceback says what went wrong.
    """
    chain: list[BaseException] = []
    link: BaseException | None = error
    while link is not None and link not in chain:
        chain.append(link)
        link = link.__cause__ or (None if link.__suppress_context__ else link.__context__)
    for link in chain:
        if isinstance(link, OURS) and _is_raised_by_us(link.__traceback__):
            return str(link)
    for link in chain:
        if isinstance(link, OSError) and link.filename is not None and link.strerror:
            return f"{link.filename}: {link.strerror.lower()}."
    return None


def _is_raised_by_us(trace: TracebackType | None) -> bool:
    """Whether the last frame is a ``raise`` statement in our own code: an accident there keeps its traceback."""
    frames = traceback.extract_tb(trace)
    if not frames:
        return False
    path = Path(frames[-1].filename).resolve()
    if not any(path.is_relative_to(ROOT / folder) for folder in ("scripts", "bundle")):
        return False
    return linecache.getline(str(path), frames[-1].lineno or 0).lstrip().startswith("raise ")


def install() -> None:
    """From now on the process ends with one line for an error of ours, on stderr, and with exit code 1."""
    sys.excepthook = _show


def _show(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    close_bars()
    if kind is BrokenPipeError:  # whoever read, head say, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return
    text = None if os.environ.get(TRACEBACK) == "1" else "Stopped." if kind is KeyboardInterrupt else sentence(error)
    if text is None:
        sys.__excepthook__(kind, error, trace)
    else:
        print(text if kind is KeyboardInterrupt else f"error: {text}", file=sys.stderr)
