"""A table of the study as Markdown: a section for each measure and kind of lesion, a row for each variant."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from typing import Any

from scripts.evaluation.tables import as_size

from ..pages import markdown_table
from .heading import heading
from .paper import NAME, accuracy

SECTIONS = ("physical", "soft", "volume", "painted", "zero")
"""Kinds that a table shows as sections, in this order."""

MEASURES = {
    "balanced_accuracy": "Balanced accuracy at the network's own threshold",
    "auc": "Area under the ROC curve",
    "sensitivity": "Sensitivity at 5 % false positives",
    "laterality_accuracy": "Share of the lesions whose half has more evidence",
    "localisation_accuracy": "Share of the found lesions that hold the peak of the evidence",
    "baseline_auc": "Area under the ROC curve of the baseline that learns nothing",
}


NOTHING = "–"
"""The cell of what an evaluation has not."""

Section = tuple[str, list[str], dict[str, list[str]]]
"""Title, columns, and the cells of each variant."""


def as_markdown(table: dict[str, Any]) -> str:
    """Lay a table out: a section for each kind and measure, a row for each variant, sizes along."""
    reports = table["variants"]
    unit = _unit(table)
    sections = [
        *_by_size(reports, table["measures"], SECTIONS, unit),
        *_curves(reports, unit),
        *_calibration(reports),
        _alarms(reports),
        *_costs(table.get("costs", {})),
    ]
    return heading(table) + "".join(map(_section, sections))


def brief(table: dict[str, Any], whole: str) -> str:
    """Lay out what a page shows of a table that says where the rest is: its first measure, and the first curve.

    Args:
        table: as :func:`as_markdown` takes it.
        whole: where the page finds the whole table.
    """
    unit = _unit(table)
    lesion_types = table.get("page", [lesion_type for lesion_type in SECTIONS if lesion_type != "zero"])
    curves = itertools.islice(_curves(table["variants"], unit), 1)
    sections = [*_by_size(table["variants"], table["measures"][:1], lesion_types, unit), *curves]
    return heading(table) + "".join(map(_section, sections)) + f"\nThe whole table: [{whole}]({whole}).\n"


def _section(section: Section) -> str:
    title, columns, cells = section
    return f"\n**{title}**\n\n{markdown_table(['', *columns], [[variant, *row] for variant, row in cells.items()])}"


def _unit(table: dict[str, Any]) -> str:
    return "mm²" if table["settings"].get("scale") == "area_mm2" else "mm"


def _by_size(
    reports: dict[str, Any], measures: Sequence[str], lesion_types: Sequence[str], unit: str
) -> Iterator[Section]:
    first = next(iter(reports.values()))
    shown = [
        lesion_type for lesion_type in lesion_types if lesion_type in {row["lesion_type"] for row in first["rows"]}
    ]
    for measure, lesion_type in itertools.product(measures, shown):
        sizes = [row["size"] for row in first["rows"] if row["lesion_type"] == lesion_type]
        cells = {variant: _along(report, lesion_type, sizes, measure) for variant, report in reports.items()}
        if (measure, lesion_type, unit) == ("balanced_accuracy", "painted", "mm"):
            reported = [accuracy(size) for size in sizes]
            cells[NAME] = [NOTHING if value is None else f"{value:.2f}" for value in reported]
        yield f"{MEASURES[measure]}, {lesion_type} lesions", [f"{size:g} {unit}" for size in sizes], cells


def _along(report: dict[str, Any], lesion_type: str, sizes: Sequence[float], measure: str) -> list[str]:
    rows = {row["size"]: row for row in report["rows"] if row["lesion_type"] == lesion_type}
    return [_cell(rows[size][measure]) if size in rows else NOTHING for size in sizes]


def _seen(reports: dict[str, Any]) -> dict[str, Any]:
    """The fitted curves of the first variant, by kind; those without contrast are there not to be seen."""
    fits = next(iter(reports.values()))["psychometric"]
    return {lesion_type: fit for lesion_type, fit in fits.items() if lesion_type != "zero"}


def _curves(reports: dict[str, Any], unit: str) -> Iterator[Section]:
    for lesion_type, fit in _seen(reports).items():
        levels = list(fit["sizes"])
        cells = {
            variant: [as_size(report["psychometric"][lesion_type]["sizes"][level]) for level in levels]
            if lesion_type in report["psychometric"]
            else [NOTHING] * len(levels)
            for variant, report in reports.items()
        }
        title = f"Size ({unit}) from which {lesion_type} lesions are seen, by sensitivity at 5 % false positives"
        yield title, [f"{float(level):.0%}" for level in levels], cells


def _calibration(reports: dict[str, Any]) -> Iterator[Section]:
    lesion_types = list(_seen(reports))  # a few sizes of a kind say little of its scores
    if lesion_types:
        cells = {
            variant: [
                "{ece:.3f}; {brier:.3f}".format(**fit) if (fit := report["calibration"].get(lesion_type)) else NOTHING
                for lesion_type in lesion_types
            ]
            for variant, report in reports.items()
        }
        yield "Expected calibration error; Brier score, by kind of lesion", lesion_types, cells


def _alarms(reports: dict[str, Any]) -> Section:
    lesion_types = list(next(iter(reports.values()))["false_positive_rate"])
    shares = {variant: report["false_positive_rate"] for variant, report in reports.items()}
    cells = {
        variant: [_cell(share[lesion_type]) if lesion_type in share else NOTHING for lesion_type in lesion_types]
        for variant, share in shares.items()
    }
    return "False positives at the network's own threshold", lesion_types, cells


def _costs(costs: dict[str, Any]) -> Iterator[Section]:
    if costs:
        device = next(iter(costs.values()))["device"]
        cells = {
            variant: [f"{cost['parameters'] / 1e6:.2f} M", f"{cost['trained']:.3g}", f"{cost['scored']:.3g}"]
            for variant, cost in costs.items()
        }
        yield f"Cost, in pairs a second on {device}", ["parameters", "trained", "scored"], cells


def _cell(interval: Sequence[float] | None) -> str:
    if interval is None:
        return "none found"
    value, low, high = interval
    return f"{value:.2f} ({low:.2f}–{high:.2f})"
