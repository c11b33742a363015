"""DICOM series that are no anatomical scans, beside one of the same study that is: they are left out, not failures."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from scripts.io.dicom import is_dicom
from scripts.io.dicom.series import glance


def leave_out(
    items: Sequence[dict[str, Any]], rules: Path | None = None
) -> tuple[list[dict[str, Any]], dict[str, str]]:
    """Divide the scans of a batch.

    A folder stays if one of its files may be scored by its tags. If all series of a study are ruled out, they stay,
    too: each then fails, and says why.

    Args:
        items: with ``image`` and ``case``.
        rules: a table of rules, see :mod:`scripts.io.dicom.rules`.

    Returns:
        Those to score, and case -> why it was left out.
    """
    seen = [_glance(Path(item["image"]), rules) for item in items]
    anatomical = {found[0] for found in seen if found and found[0].uid and not found[1]}
    out = {
        item["case"]: found[2]
        for item, found in zip(items, seen, strict=True)
        if found and found[1] and found[0] in anatomical
    }
    return [item for item in items if item["case"] not in out], out


def _glance(folder: Path, rules: Path | None) -> Any:
    """What is said of the first file that may be scored; if there is none, of the first one; None without DICOM."""
    first = None
    for file in sorted(folder.iterdir()) if folder.is_dir() else ():
        found = glance(file, rules) if file.is_file() and is_dicom(file) else None
        if found and not found[1]:
            return found
        first = first or found
    return first
