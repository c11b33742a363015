"""The figure of an evaluation: how well lesions are detected, by size."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..measures import STATED_FPR, title
from . import LESION_TYPES, OTHER, SIZES, canvas, save

CHANCE = {"auc": 0.5, "sensitivity": STATED_FPR}
"""Measures that are drawn, and their chance level."""


def detection_by_size(report: Mapping[str, Any], path: Path) -> None:
    """Draw AUC and sensitivity over the size, a line for each lesion type, with 95 % intervals; write a PNG.

    Args:
        report: as :func:`scripts.evaluation.summary.by_size` returns it, with ``scale``.
        path: of the PNG.
    """
    figure = canvas(10, 4.2)
    panels = figure.subplots(1, 2)
    for axes, (measure, chance) in zip(panels, CHANCE.items(), strict=True):
        for lesion_type in dict.fromkeys(row["lesion_type"] for row in report["rows"]):
            rows = [row for row in report["rows"] if row["lesion_type"] == lesion_type]
            sizes = [row["size"] for row in rows]
            value, low, high = zip(*(row[measure] for row in rows), strict=True)
            style = LESION_TYPES.get(lesion_type, OTHER)
            axes.plot(sizes, value, label=lesion_type, markersize=4, **style)
            axes.fill_between(sizes, low, high, color=style["color"], alpha=0.15, linewidth=0)
        rows = [row for row in report["rows"] if row["lesion_type"] == "physical" and "baseline_auc" in row]
        if measure == "auc" and rows:
            values = [row["baseline_auc"][0] for row in rows]
            label = "physical, baseline without learning"
            axes.plot([row["size"] for row in rows], values, color="black", lw=1, dashes=(6, 3), label=label)
        axes.axhline(chance, color="grey", linewidth=0.8)
        axes.set(title=title(measure), xlabel=SIZES[report["scale"]], ylim=(0.4 if measure == "auc" else 0, 1.01))
        axes.grid(alpha=0.3)
    # Above both panels: a curve may lie anywhere within them.
    figure.legend(*panels[0].get_legend_handles_labels(), loc="outside upper center", ncols=4, frameon=False)
    save(figure, path, report["note"])
