"""The table of the pathologies."""

from __future__ import annotations

from typing import Any

from ..markdown import markdown_table


def pathologies(result: dict[str, Any]) -> str:
    """Lay out a row for each pathology: what it is, its place, severities, signals and source."""
    header = ["kind", "what it is", "place", "usual severities", "T1", "T2", "source"]
    rows = []
    for kind, row in result["rows"].items():
        levels = ", ".join(f"{level:g}" for level in row["severities"])
        words = [row["words"], row["place"], f"{levels} {row['unit']}", row["t1"], row["t2"], row["source"]]
        rows.append([f"`{kind}`", *words])
    return markdown_table(header, rows)
