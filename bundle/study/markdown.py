"""A table of the study as Markdown: a section for each measure and kind of lesion, a row for each variant."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

from scripts.layout import as_size

from ..pages import markdown_table
from .paper import NAME, accuracy

SECTIONS = ("physical", "soft", "volume", "painted", "zero")
"""Kinds that a table shows as sections, in this order."""

MEASURES = {
    "accuracy": "Balanced accuracy at the network's own threshold",
    "auc": "Area under the ROC curve",
    "sensitivity": "Sensitivity at 5 % false positives",
    "right_half": "Share of the lesions whose half has more evidence",
    "peak_of_found": "Share of the found lesions that hold the peak of the evidence",
    "baseline_auc": "Area under the ROC curve of the baseline that learns nothing",
}


def as_markdown(table: dict[str, Any]) -> str:
    """Lay a table out for the documents: a section for each kind and measure, a row for each variant, sizes along."""
    reports = table["variants"]
    first = next(iter(reports.values()))
    unit = "mm²" if table["settings"].get("scale") == "area_mm2" else "mm"
    subjects = max(row["subjects"] for row in first["rows"])
    seeds = f"Budget `{table['budget']}`, seeds {', '.join(map(str, table['seeds']))}: means over the seeds"
    alone = f"The weights in `{table.get('weights')}`, evaluated on the data of budget `{table['budget']}`"
    lines = [
        f"*{table['title']}.* {alone if 'weights' in table else seeds}, with 95 % intervals over {subjects} test "
        f"subjects. {first['note']}",
        "",
        "```bash",
        f"python -m bundle study --budget {table['budget']} --tables {table['table']} --docs docs/study",
        "```",
    ]
    kinds = [kind for kind in SECTIONS if kind in {row["kind"] for row in first["rows"]}]
    text = "\n".join(lines) + "\n"
    for measure, kind in itertools.product(table["measures"], kinds):
        sizes = [row["size"] for row in first["rows"] if row["kind"] == kind]
        cells = {variant: _along(report, kind, sizes, measure) for variant, report in reports.items()}
        if (measure, kind, unit) == ("accuracy", "painted", "mm"):
            reported = [accuracy(size) for size in sizes]
            cells[NAME] = ["–" if value is None else f"{value:.2f}" for value in reported]
        text += f"\n**{MEASURES[measure]}, {kind} lesions**\n\n"
        text += _variants([f"{size:g} {unit}" for size in sizes], cells)
    for kind, fit in first["psychometric"].items():
        levels = list(fit["sizes"])
        cells = {
            variant: [as_size(size) for size in report["psychometric"][kind]["sizes"].values()]
            if kind in report["psychometric"]
            else ["–"] * len(levels)
            for variant, report in reports.items()
        }
        text += f"\n**Size ({unit}) from which {kind} lesions are seen, by sensitivity at 5 % false positives**\n\n"
        text += _variants([f"{float(level):.0%}" for level in levels], cells)
    of_kinds = list(first["psychometric"])
    if of_kinds:
        cells = {
            variant: [
                "{ece:.3f}; {brier:.3f}".format(**fit) if (fit := report["calibration"].get(kind)) else "–"
                for kind in of_kinds
            ]
            for variant, report in reports.items()
        }
        text += "\n**Expected calibration error; Brier score, by kind of lesion**\n\n" + _variants(of_kinds, cells)
    alarms = list(first["false_positives"])
    cells = {
        variant: [_cell(report["false_positives"][name]) for name in alarms] for variant, report in reports.items()
    }
    text += "\n**False positives at the network's own threshold**\n\n" + _variants(alarms, cells)
    return text + _costs(table.get("costs", {}))


def _along(report: dict[str, Any], kind: str, sizes: Sequence[float], measure: str) -> list[str]:
    """One cell for each size; a part of an evaluation may lack some."""
    rows = {row["size"]: row for row in report["rows"] if row["kind"] == kind}
    return [_cell(rows[size][measure]) if size in rows else "–" for size in sizes]


def _costs(costs: dict[str, Any]) -> str:
    if not costs:
        return ""
    cells = {
        variant: [f"{cost['parameters'] / 1e6:.2f} M", f"{cost['trained']:.0f}", f"{cost['scored']:.0f}"]
        for variant, cost in costs.items()
    }
    device = next(iter(costs.values()))["device"]
    return f"\n**Cost, in pairs a second on {device}**\n\n" + _variants(["parameters", "trained", "scored"], cells)


def _variants(columns: Sequence[str], cells: dict[str, list[str]]) -> str:
    return markdown_table(["", *columns], [[variant, *row] for variant, row in cells.items()])


def _cell(interval: Sequence[float] | None) -> str:
    if interval is None:
        return "none found"
    value, low, high = interval
    return f"{value:.2f} ({low:.2f}–{high:.2f})"
