"""Files that appear whole under their final name, or not at all."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PARTIAL = ".partial_"
"""Begins the name of a file that is being written; its end is kept, since writers read the format off it."""


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """Give a temporary name in the same folder; what was written there gets its final name at the end.

    The content is on the disk before the name is, so that neither a kill nor a power cut leaves half a file. An error
    leaves what was there before. The folder is made if it is missing.

    Args:
        path: the final name.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(PARTIAL + path.name)
    try:
        yield partial
        with partial.open("rb+") as content:
            os.fsync(content.fileno())
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def write_text(path: Path, text: str) -> None:
    """Write a text file (UTF-8) whole or not at all."""
    with whole_file(path) as partial:
        partial.write_text(text, encoding="utf-8")
