"""Fill the pages: what stands between markers comes from the results in ``docs/results``, so nobody types a number.

A table stands between ``<!-- table NAME -->`` and ``<!-- end NAME -->`` on lines of their own; a number in a sentence
between ``<!-- value NAME -->`` and ``<!-- end -->``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from scripts.atomic_write import write_text

from ... import ROOT
from ...release.metadata import REPORT, metadata
from .blocks import BLOCKS
from .nodes import NODES, RESULTS
from .values import UnknownNameError, shown

PAGES = ("README.md", "CONTRIBUTING.md", "models/README.md", "docs/*.md")
BLOCK = re.compile(r"(<!--\s*table\s+(\S+)\s*-->\n)(.*?)(<!--\s*end\s+\2\s*-->)", re.DOTALL)
VALUE = re.compile(r"(<!--\s*value\s+([^>]+?)\s*-->)(.*?)(<!--\s*end\s*-->)", re.DOTALL)
OPENED = re.compile(r"<!--\s*(?:table|value)\s+")


def read_results(root: Path = ROOT) -> dict[str, Any]:
    """Read the results that there are, by name."""
    files = {name: root / RESULTS / f"{name}.json" for name in NODES}
    return {name: json.loads(file.read_text(encoding="utf-8")) for name, file in files.items() if file.exists()}


def pages(root: Path = ROOT) -> list[Path]:
    """List the pages that may hold markers."""
    return sorted(page for pattern in PAGES for page in root.glob(pattern))


def fill(text: str, results: Mapping[str, Any], page: str = "the page") -> str:
    """Put results between the markers of a page.

    Args:
        text: the page.
        results: contents of the result files by name. A table whose result is not there yet says so.
        page: its name, for the message of an error.

    Returns:
        The filled page.

    Raises:
        UnknownNameError: if a marker names what no result has, or has no end.
    """
    try:
        filled = BLOCK.sub(lambda match: match[1] + block(results, match[2]) + match[4], text)
        filled = VALUE.sub(lambda match: match[1] + shown(results, match[2]) + match[4], filled)
    except UnknownNameError as error:
        raise UnknownNameError(f"{page}: {error}") from None
    closed = len(BLOCK.findall(text)) + len(VALUE.findall(text))
    if len(OPENED.findall(text)) != closed:
        raise UnknownNameError(
            f"{page}: {len(OPENED.findall(text))} markers begin, {closed} of them end. A table ends with "
            "'<!-- end NAME -->' on a line of its own, a value with '<!-- end -->'."
        )
    return filled


def block(results: Mapping[str, Any], name: str) -> str:
    """Return a table by name; if its result is not there yet, the command that makes it.

    Raises:
        UnknownNameError: if there is no such table.
    """
    if name not in BLOCKS:
        raise UnknownNameError(f"There is no table '{name}'. Choose of: {', '.join(BLOCKS)}.")
    result, write = BLOCKS[name]
    if result not in results:
        return f"*Not measured yet: `python -m bundle publish {result}`.*\n"
    return write(results[result])


def fill_pages(root: Path = ROOT) -> list[Path]:
    """Fill every page, and ``eval_metrics`` of the metadata; return the files that changed.

    Raises:
        UnknownNameError: if a page names what no result has; no page is changed then.
    """
    results = read_results(root)
    filled = {}
    for page in pages(root):
        text = page.read_text(encoding="utf-8")
        new = fill(text, results, page.relative_to(root).as_posix())
        if new != text:
            filled[page] = new
    for page, text in filled.items():
        write_text(page, text)
    return [*filled, *(metadata(root=str(root)) if (root / REPORT).exists() else [])]
