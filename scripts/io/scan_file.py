"""The file that an image was loaded from, and how messages name it."""

from __future__ import annotations

from pathlib import Path
from typing import Any


def scan_file(image: Any) -> Path | None:
    """Return the path that an image was loaded from; None if its metadata hold none.

    Args:
        image: a MetaTensor, or anything without metadata.
    """
    file = getattr(image, "meta", {}).get("filename_or_obj")
    return Path(str(file)) if file else None


def scan_name(image: Any, default: str = "") -> str:
    """Return the name of that file, without its folders.

    Args:
        image: as in :func:`scan_file`.
        default: what an image without a file is called.
    """
    file = scan_file(image)
    return file.name if file else default


def of_scan(image: Any) -> str:
    """Return `` of <file>`` for the middle of a message; nothing if the file is not known."""
    name = scan_name(image)
    return f" of {name}" if name else ""
