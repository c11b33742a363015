"""The figure of an evaluation: what is seen against its size."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from . import LESION_TYPES, OTHER, SIZES, canvas, save

TITLES = {"auc": "Area under the ROC curve", "sensitivity": "Sensitivity at 5 % false positives"}


def accuracy_by_size(report: dict[str, Any], path: Path) -> None:
    """Draw AUC and sensitivity against the size, a line for each kind, with 95 % intervals; write a PNG.

    Args:
        report: as :func:`scripts.evaluation.summary.by_size` returns, with ``scale``.
        path: of the PNG.
    """
    figure = canvas(10, 4.2)
    both = figure.subplots(1, 2)
    for axes, measure in zip(both, TITLES, strict=True):
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
            axes.plot([row["size"] for row in rows], values, color="black", lw=1, dashes=(6, 3), label="no learning")
        axes.axhline(0.5 if measure == "auc" else 0.05, color="grey", linewidth=0.8)
        axes.set(title=TITLES[measure], xlabel=SIZES[report["scale"]], ylim=(0.4 if measure == "auc" else 0, 1.01))
        axes.grid(alpha=0.3)
    # Above both: a curve may lie anywhere within.
    figure.legend(*both[0].get_legend_handles_labels(), loc="outside upper center", ncols=4, frameon=False)
    save(figure, path, report["note"])
