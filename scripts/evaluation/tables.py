"""An evaluation's report as a table for the console, and as tab-separated values."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

from .measures import MEASURES

COLUMNS = ("lesion_type", "size", "slices", "subjects", *(key for key, measure in MEASURES.items() if measure.by_size))
"""Columns of the tab-separated values, in order."""

SHOWN = tuple(key for key in COLUMNS if key in MEASURES and key != "known_location_accuracy")
"""Measures on the console."""

UNITS = {"side_mm": "side mm", "area_mm2": "area mm²"}
"""Scale of the sizes -> unit on the console."""

MISSING = "–"
"""Cell of a value that the evaluation does not have."""


def as_text(report: Mapping[str, Any]) -> str:
    """Return the report as a table for the console.

    Args:
        report: as :func:`scripts.evaluation.summary.by_size` returns it, with ``scale``.
    """
    unit = UNITS[report["scale"]]
    shown = [key for key in SHOWN if any(key in row for row in report["rows"])]
    heads = ["lesion type", unit, *(MEASURES[key].head for key in shown)]
    rows = [
        [row["lesion_type"], f"{row['size']:g}", *(_cell(key, row.get(key)) for key in shown)] for row in report["rows"]
    ]
    text = _aligned(heads, rows)
    rate = MEASURES["false_positive_rate"].label
    for name, share in report["false_positive_rate"].items():
        text.append(f"{name} slices: {rate} {_cell('false_positive_rate', share)}")
    for name, fit in report["psychometric"].items():
        sizes = ", ".join(f"{100 * float(level):g} %: {as_size(size)}" for level, size in fit["sizes"].items())
        text.append(f"{name} lesions: {unit} at which the {MEASURES['sensitivity'].label} reaches {sizes}")
    for name, fit in report["calibration"].items():
        errors = ", ".join(f"{MEASURES[key].label} {_cell(key, [fit[key]])}" for key in ("ece", "brier"))
        text.append(f"{name} lesions: {errors}")
    text.append(f"In brackets: 95 % confidence intervals, bootstrap over subjects. {report['note']}")
    return "\n".join(text)


def as_size(size: Sequence[float | None]) -> str:
    """Return a size with its confidence interval; None is written as "beyond" the largest size tested."""
    value, low, high = ("beyond" if part is None else f"{part:.1f}" for part in size)
    return low if low == "beyond" else f"{value} ({low}–{high})"


def as_tsv(report: Mapping[str, Any]) -> str:
    """Return the rows as tab-separated values, with the bounds of the intervals as columns ``_low`` and ``_high``."""
    rows = []
    for row in report["rows"]:
        cells: dict[str, Any] = {}
        for name in (c for c in COLUMNS if c in row):
            if isinstance(row[name], list) or row[name] is None:
                interval = row[name] or ["n/a"] * 3
                cells.update(zip((name, f"{name}_low", f"{name}_high"), interval, strict=True))
            else:
                cells[name] = row[name]
        rows.append(cells)
    lines = ["\t".join(rows[0])] if rows else []
    lines += ["\t".join(f"{v:.4g}" if isinstance(v, float) else str(v) for v in cells.values()) for cells in rows]
    return "\n".join(lines) + "\n"


def _aligned(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Return the lines of a table. Each head takes two lines, so that the table is not too wide."""
    columns = []
    for head, *cells in zip(heads, *rows, strict=True):
        upper, lower = _two_lines(head, max(map(len, cells), default=0))
        columns.append([upper, lower, *cells])
    widths = [max(map(len, column)) for column in columns]
    return [
        first.ljust(widths[0]) + "".join(cell.rjust(width + 2) for cell, width in zip(others, widths[1:], strict=True))
        for first, *others in zip(*columns, strict=True)
    ]


def _two_lines(head: str, width: int) -> tuple[str, str]:
    """Break a head in two, as narrow as possible but not narrower than its column; "5 % FPR" stays together."""
    words = head.replace(" % ", "\u00a0%\u00a0")
    width = max(width, *map(len, words.split(" ")))
    width = next(w for w in range(width, len(words) + width) if len(textwrap.wrap(words, w)) <= 2)
    *upper, lower = (line.replace("\u00a0", " ") for line in textwrap.wrap(words, width))
    return "".join(upper), lower


def _cell(key: str, estimate: Sequence[float] | None) -> str:
    if not estimate:
        return MISSING
    measure = MEASURES[key]
    value, *bounds = (format(number, measure.form) for number in estimate)
    return f"{value} ({'–'.join(bounds)})" if measure.console_interval else value
