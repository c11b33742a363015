"""Cells and tables of Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

MISSING = "–"
"""The cell of a number that there is not."""


def markdown_table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Lay cells out as a table of Markdown, with a line break at its end."""
    lines = [header, ["---"] * len(header), *rows]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)


def with_interval(estimate: Sequence[float | None] | None, digits: int = 2) -> str:
    """Write an estimate with its 95 % interval: ``0.97 (0.96–0.98)``."""
    if estimate is None:
        return MISSING
    value, low, high = (MISSING if part is None else f"{part:.{digits}f}" for part in estimate)
    return f"{value} ({low}–{high})"
