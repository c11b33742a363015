"""The figures of a study: accuracy by size of several runs, and trained size against tested size."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from scripts.evaluation.figures import LINES, SIZES, canvas, save

from .markdown import SECTIONS
from .paper import ACCURACY, NAME

LABELS = {
    "balanced_accuracy": "balanced accuracy",
    "auc": "area under the ROC curve",
    "sensitivity": "sensitivity at 5 % false positives",
}
"""What an axis of each measure that can be drawn is called."""


def lines(table: dict[str, Any], path: Path) -> None:
    """Draw the table's first measure against the size: a panel for each kind of lesion, a line for each variant.

    Args:
        table: as ``bundle.research.study.tables`` writes it.
        path: of the PNG.
    """
    reports, measure = table["variants"], table["measures"][0]
    scale = table["settings"].get("scale", "side_mm")
    first = next(iter(reports.values()))
    lesion_types = [
        lesion_type
        for lesion_type in SECTIONS
        if lesion_type in {row["lesion_type"] for row in first["rows"]} and lesion_type != "zero"
    ]
    columns = min(2, len(lesion_types))
    rows_of_panels = -(-len(lesion_types) // columns)
    figure = canvas(0.6 + 4.6 * columns, 0.8 + 3.8 * rows_of_panels + 0.18 * len(reports))
    panels = figure.subplots(rows_of_panels, columns, sharey=True, squeeze=False).ravel()
    for axes in panels[len(lesion_types) :]:
        axes.set_axis_off()
    for axes, lesion_type in zip(panels, lesion_types, strict=False):
        drawn = _drawn(reports, lesion_type)
        for number, (variant, report) in enumerate(drawn.items()):
            rows = [row for row in report["rows"] if row["lesion_type"] == lesion_type]
            sizes = [row["size"] for row in rows]
            value, low, high = np.array([row[measure] or [np.nan] * 3 for row in rows]).reshape(-1, 3).T
            style = LINES[number % len(LINES)]
            axes.plot(sizes, value, label=variant, markersize=4, linewidth=1.3, **style)
            axes.fill_between(sizes, low, high, color=style["color"], alpha=0.1, linewidth=0)
        if measure == "balanced_accuracy" and scale == "side_mm" and lesion_type == "painted":
            axes.plot(ACCURACY.keys(), ACCURACY.values(), "k*", ms=12, label=NAME)
            axes.hlines(ACCURACY[13.5], 13.5, 20, color="black", linewidth=0.8)
        title = f"{lesion_type} lesions" if drawn is reports else f"trained and tested on {lesion_type} lesions"
        axes.set(title=title, xlabel=SIZES[scale], ylim=(0 if measure == "sensitivity" else 0.4, 1.02))
        axes.grid(alpha=0.3)
    for axes in panels[::columns]:
        axes.set_ylabel(LABELS[measure])
    named = {label: handle for axes in panels for handle, label in zip(*axes.get_legend_handles_labels(), strict=True)}
    figure.legend(named.values(), named.keys(), loc="outside upper center", frameon=False, ncols=columns)
    save(figure, path, f"Bands: 95 % intervals over subjects. Budget {table['budget']}.\n{first['note']}")


def _drawn(reports: dict[str, Any], lesion_type: str) -> dict[str, Any]:
    """The variants of a panel: where there are too many to be told apart, those that were trained on its kind."""
    if len(reports) <= len(LINES):
        return reports
    part = f",kind={lesion_type}"
    return {variant.removesuffix(part): report for variant, report in reports.items() if variant.endswith(part)}


def matrix(table: dict[str, Any], path: Path) -> None:
    """Draw the accuracy on physical lesions, the size tested along, the variants (sizes trained on) down; write a PNG.

    Args:
        table: as ``bundle.research.study.tables`` writes it.
        path: of the PNG.
    """
    reports = table["variants"]
    first = next(iter(reports.values()))
    sizes = [row["size"] for row in first["rows"] if row["lesion_type"] == "physical"]
    values = np.array(
        [
            [row["balanced_accuracy"][0] for row in report["rows"] if row["lesion_type"] == "physical"]
            for report in reports.values()
        ]
    )
    names = [variant.removeprefix("curriculum=single_") for variant in reports]
    figure = canvas(7.2, 1.6 + 0.5 * len(names))
    axes = figure.subplots()
    picture = axes.imshow(values, cmap="cividis", vmin=0.5, vmax=1, aspect="auto")
    for (row, column), value in np.ndenumerate(values):
        axes.text(column, row, f"{value:.2f}", ha="center", va="center", color="white" if value < 0.75 else "black")
    axes.set_xticks(range(len(sizes)), [f"{size:g}" for size in sizes])
    axes.set_yticks(range(len(names)), names)
    axes.set(xlabel=f"tested on physical lesions, {SIZES['side_mm']}", ylabel="trained on (mm)")
    figure.colorbar(picture, label=LABELS["balanced_accuracy"])
    save(figure, path, f"Budget {table['budget']}.\n{first['note']}")


FIGURES: dict[str, Callable[[dict[str, Any], Path], None]] = {"lines": lines, "matrix": matrix}
"""The figures by name, as ``figure`` in ``runs.json`` names them."""
