"""From the scores of a study's runs to its tables: JSON to compute with, Markdown to read."""

from __future__ import annotations

import itertools
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from scripts.layout import as_size
from scripts.summary import by_size
from scripts.whole import write

from ..pages import fill_pages, markdown_table
from .plan import RUNS, Run

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
SCORES = "scores.json"


def write_tables(runs: Sequence[Run], folder: Path, docs: Path, budget: str, file: Path = RUNS) -> list[Path]:
    """Write ``<table>.json`` and ``<table>.md`` for every table, and fill the pages in ``docs`` that name it.

    How a page names a table: see ``bundle.pages.fill``.

    Args:
        runs: the runs of the study, all of them done.
        folder: of the study.
        docs: where to write.
        budget: its name, stated with every table.
        file: JSON that lists the runs, with the titles and measures of the tables.

    Returns:
        The files written.
    """
    docs.mkdir(parents=True, exist_ok=True)
    rows = json.loads(file.read_text())["tables"]
    written = []
    for name in dict.fromkeys(run.table for run in runs):
        table = summarise([run for run in runs if run.table == name], folder)
        about = rows.get(name, {})
        head = {"table": name, "title": about.get("title", name), "budget": budget}
        table = {**head, "measures": about.get("measures", ["accuracy"]), **table}
        write(docs / f"{name}.json", json.dumps(table, indent=1) + "\n")
        write(docs / f"{name}.md", as_markdown(table))
        written += [docs / f"{name}.json", docs / f"{name}.md"]
        written += fill_pages((docs, docs.parent), name, as_markdown(table))
    return written


def summarise(runs: Sequence[Run], folder: Path) -> dict[str, Any]:
    """Average every variant over its seeds; intervals are over subjects."""
    variants: dict[str, Any] = {}
    for variant in dict.fromkeys(run.variant for run in runs):
        each = [json.loads((folder / run.path / SCORES).read_text()) for run in runs if run.variant == variant]
        variants[variant] = by_size([one["columns"] for one in each], [one["threshold"] for one in each])
    common = dict(runs[0].train)
    differing = {pair.split("=")[0] for variant in variants for pair in variant.split(",")}
    settings = {key: value for key, value in common.items() if key not in differing | {"seed"}}
    return {"seeds": sorted({run.seed for run in runs}), "settings": settings, "variants": variants}


def as_markdown(table: dict[str, Any]) -> str:
    """Lay a table out for the documents: a section for each kind and measure, a row for each variant, sizes along."""
    reports = table["variants"]
    first = next(iter(reports.values()))
    unit = "mm²" if table["settings"].get("scale") == "area_mm2" else "mm"
    subjects = max(row["subjects"] for row in first["rows"])
    lines = [
        f"*{table['title']}.* Budget `{table['budget']}`, seeds {', '.join(map(str, table['seeds']))}: means over the "
        f"seeds, with 95 % intervals over {subjects} test subjects. {first['note']}",
        "",
        "```bash",
        f"python -m bundle study --budget {table['budget']} --tables {table['table']} --docs docs/study",
        "```",
    ]
    kinds = [kind for kind in SECTIONS if kind in {row["kind"] for row in first["rows"]}]
    text = "\n".join(lines) + "\n"
    for measure, kind in itertools.product(table["measures"], kinds):
        sizes = [f"{row['size']:g} {unit}" for row in first["rows"] if row["kind"] == kind]
        cells = {
            variant: [_cell(row[measure]) for row in report["rows"] if row["kind"] == kind]
            for variant, report in reports.items()
        }
        text += f"\n**{MEASURES[measure]}, {kind} lesions**\n\n" + _variants(sizes, cells)
    for kind in first["psychometric"]:
        fits = {variant: report["psychometric"][kind]["sizes"] for variant, report in reports.items()}
        levels = [f"{float(level):.0%}" for level in next(iter(fits.values()))]
        cells = {variant: [as_size(size) for size in sizes.values()] for variant, sizes in fits.items()}
        text += f"\n**Size ({unit}) from which {kind} lesions are seen, by sensitivity at 5 % false positives**\n\n"
        text += _variants(levels, cells)
    of_kinds = list(first["psychometric"])
    if of_kinds:
        cells = {
            variant: [f"{report['calibration'][kind]['ece']:.3f}" for kind in of_kinds]
            for variant, report in reports.items()
        }
        text += "\n**Expected calibration error, by kind of lesion**\n\n" + _variants(of_kinds, cells)
    alarms = list(first["false_positives"])
    cells = {
        variant: [_cell(report["false_positives"][name]) for name in alarms] for variant, report in reports.items()
    }
    return text + "\n**False positives at the network's own threshold**\n\n" + _variants(alarms, cells)


def _variants(columns: Sequence[str], cells: dict[str, list[str]]) -> str:
    return markdown_table(["", *columns], [[variant, *row] for variant, row in cells.items()])


def _cell(interval: Sequence[float] | None) -> str:
    if interval is None:
        return "none found"
    value, low, high = interval
    return f"{value:.2f} ({low:.2f}–{high:.2f})"
