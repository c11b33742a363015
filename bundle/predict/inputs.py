"""The scans that the command line names."""

from __future__ import annotations

import glob
import hashlib
import os
from pathlib import Path
from typing import Any

from scripts.data import scans
from scripts.data.bids import name_cases
from scripts.data.scan import Scan

from .privacy import names_a_person


def find(inputs: list[str]) -> tuple[list[dict[str, Any]], list[str]]:
    """List the scans of all inputs, each once.

    Args:
        inputs: files, folders, globs, datalists.

    Returns:
        Dictionaries with ``image``, ``subject`` and ``case`` (unique, and without what names a person), and a sentence
        for every input that holds none.
    """
    by_path: dict[str, Scan] = {}
    problems = []
    for text in inputs:
        for path in _paths(text):
            try:
                for item in scans(path):
                    by_path.setdefault(str(Path(item["image"]).absolute()), item)
            except (OSError, ValueError) as error:
                problems.append(str(error))
    items = name_cases(list(by_path.values()))
    for path, item in zip(by_path, items, strict=True):
        hidden = f"dicom-{hashlib.sha256(path.encode('utf-8', 'surrogateescape')).hexdigest()[:6]}"
        item["hidden"] = names_a_person(Path(path), [item["case"], item["subject"]])
        if item["hidden"]:
            item["case"] = item["subject"] = hidden
        elif sum(other["case"] == item["case"] for other in items) > 1:
            item["case"] = f"{item['case']}_{hidden.removeprefix('dicom-')}"
    return [dict(item) for item in items], problems


def _paths(text: str) -> list[str]:
    """What a glob matches; a name is taken at its word first, since it may hold what looks like a pattern."""
    if os.path.lexists(text):
        return [text]
    return sorted(glob.glob(text, recursive=True)) or [text]  # noqa: PTH207  (pathlib has no absolute patterns)
