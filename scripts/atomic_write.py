"""Files are written atomically: complete under their final name, or not at all."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PARTIAL = ".partial_"
"""Prefix of the name while a file is being written; its suffix stays, since writers read the format from it."""


@contextmanager
def atomic_file(path: Path) -> Iterator[Path]:
    """Yield a temporary name in the same folder; the file written there gets its final name at the end.

    The content is on the disk before the file gets its name, so that neither a kill nor a power cut leaves an
    incomplete file. After an error, an earlier file of that name is unchanged. The folder is made if it is missing.

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
    """Write a text file (UTF-8) atomically."""
    with atomic_file(path) as partial:
        partial.write_text(text, encoding="utf-8")
