"""The figures of a study: a measure by lesion size for several runs, and training size against test size."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from scripts.evaluation.figures import LINES, SIZES, canvas, save
from scripts.evaluation.measures import MEASURES

SIDE = SIZES["side_mm"]


def lines(table: dict[str, Any], path: Path) -> None:
    """Draw the table's first measure against the size: a panel for each lesion type, a line for each variant.

    Args:
        table: as :func:`bundle.research.study.tables.tabulate` returns.
        path: of the PNG.
    """
    reports, measure, lesion_types = table["variants"], table["measures"][0], table["lesions"]
    first = next(iter(reports.values()))
    figure = canvas(0.6 + 4.2 * len(lesion_types), 3.9 + 0.18 * len(reports))
    panels = figure.subplots(1, len(lesion_types), sharey=True, squeeze=False)[0]
    for axes, lesion_type in zip(panels, lesion_types, strict=True):
        for number, (variant, report) in enumerate(reports.items()):
            rows = [row for row in report["rows"] if row["lesion_type"] == lesion_type]
            style = LINES[number % len(LINES)]
            value, low, high = np.array([row[measure] for row in rows]).T
            sizes = [row["size"] for row in rows]
            axes.plot(sizes, value, label=variant, markersize=4, linewidth=1.3, **style)
            axes.fill_between(sizes, low, high, color=style["color"], alpha=0.1, linewidth=0)
        rows = [row for row in first["rows"] if row["lesion_type"] == lesion_type and "baseline_auc" in row]
        if measure == "auc" and rows:
            values = [row["baseline_auc"][0] for row in rows]
            axes.plot([row["size"] for row in rows], values, color="grey", lw=1, label="baseline without learning")
        low = 0 if measure == "sensitivity" else 0.4
        axes.set(title=f"tested on {lesion_type} lesions", xlabel=SIDE, ylim=(low, 1.02))
        axes.grid(alpha=0.3)
    panels[0].set_ylabel(MEASURES[measure].label)
    figure.legend(
        *panels[0].get_legend_handles_labels(), loc="outside upper center", frameon=False, ncols=len(lesion_types)
    )
    save(figure, path, f"Bands: 95 % intervals over subjects.\n{first['note']}")


def matrix(table: dict[str, Any], path: Path) -> None:
    """Draw the table's first measure, with test sizes as columns and variants as rows: a panel for each lesion type.

    Args:
        table: as :func:`bundle.research.study.tables.tabulate` returns.
        path: of the PNG.
    """
    reports, measure = table["variants"], table["measures"][0]
    first = next(iter(reports.values()))
    names = [variant.removeprefix("curriculum=").removeprefix("single_") for variant in reports]
    figure = canvas(5.4 * len(table["lesions"]), 1.6 + 0.5 * len(names))
    panels = figure.subplots(1, len(table["lesions"]), sharey=True, squeeze=False)[0]
    picture = None
    for axes, lesion_type in zip(panels, table["lesions"], strict=True):
        rows = [[row for row in report["rows"] if row["lesion_type"] == lesion_type] for report in reports.values()]
        values, sizes = np.array([[row[measure][0] for row in each] for each in rows]), [row["size"] for row in rows[0]]
        picture = axes.imshow(values, cmap="cividis", vmin=0.5, vmax=1, aspect="auto")
        for (row, column), value in np.ndenumerate(values):
            axes.text(column, row, f"{value:.2f}", ha="center", va="center", color="white" if value < 0.75 else "black")
        axes.set_xticks(range(len(sizes)), [f"{size:g}" for size in sizes])
        axes.set_yticks(range(len(names)), names)
        axes.set(xlabel=f"test, {lesion_type}: {SIDE}")
    panels[0].set_ylabel("training (mm)")
    figure.colorbar(picture, ax=panels, label=MEASURES[measure].label)
    save(figure, path, first["note"])


FIGURES: dict[str, Callable[[dict[str, Any], Path], None]] = {"lines": lines, "matrix": matrix}
"""The figures by name, as ``figure`` in ``runs.json`` names them."""
