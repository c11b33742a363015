"""Tables in the documents: written by the command that measured them, between two markers of a page."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from scripts.atomic_write import write_text

__all__ = ["fill", "fill_pages", "markdown_table"]


def markdown_table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Lay cells out as a table of Markdown, with a line break at its end."""
    lines = [header, ["---"] * len(header), *rows]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)


def fill(page: str, name: str, content: str) -> str:
    """Put ``content`` between the lines ``<!-- table NAME -->`` and ``<!-- end NAME -->``, wherever a page has them."""
    pattern = re.compile(rf"(<!-- table {re.escape(name)} -->\n).*?(<!-- end {re.escape(name)} -->)", re.DOTALL)
    return pattern.sub(lambda match: match[1] + content + match[2], page)


def fill_pages(folders: Iterable[Path], name: str, content: str) -> list[Path]:
    """Fill every page of these folders that names a table; return those that changed."""
    changed = []
    for page in sorted({page for folder in folders for page in folder.glob("*.md")}):
        text = page.read_text(encoding="utf-8")
        filled = fill(text, name, content)
        if filled != text:
            write_text(page, filled)
            changed.append(page)
    return changed
