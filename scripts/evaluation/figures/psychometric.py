"""The psychometric curve: sensitivity over lesion size, and the sizes at which it reaches 50, 75 and 90 %."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from ..measures import MEASURES, STATED_FPR
from ..psychometric import LEVELS, curve
from . import LESION_TYPES, OTHER, SIZES, canvas, save


def psychometric_curve(report: Mapping[str, Any], path: Path) -> None:
    """Draw the sensitivities with their intervals, the fitted curves, and the sizes of the levels; write a PNG.

    A lesion type with too few sizes for a curve is omitted.

    Args:
        report: as :func:`scripts.evaluation.summary.by_size` returns it, with ``scale``.
        path: of the PNG.
    """
    figure = canvas(6.4, 4.4)
    axes = figure.subplots()
    for lesion_type, fit in report["psychometric"].items():
        rows = [row for row in report["rows"] if row["lesion_type"] == lesion_type]
        size = np.array([row["size"] for row in rows])
        value, low, high = np.array([row["sensitivity"] for row in rows]).T
        style = LESION_TYPES.get(lesion_type, OTHER)
        bars = np.maximum([value - low, high - value], 0)  # a resample's interval need not hold the estimate
        axes.errorbar(size, value, bars, color=style["color"], marker=style["marker"], ms=4, lw=0, elinewidth=1)
        fine = np.linspace(size.min(), size.max(), 200)
        expected = curve(fine, np.array(fit["curve"]["middle"]), np.array(fit["curve"]["width"]))
        axes.plot(fine, expected, color=style["color"], linestyle=style["linestyle"], label=f"{lesion_type} lesions")
        for level, (at, first, last) in fit["sizes"].items():
            if at is not None:
                ends = (first if first is not None else size.min(), last if last is not None else size.max())
                axes.plot(ends, [float(level)] * 2, color=style["color"], lw=4, alpha=0.35, solid_capstyle="butt")
                axes.plot(at, float(level), marker="d", markersize=6, color=style["color"], markerfacecolor="white")
                axes.annotate(f"{at:.1f}", (at, float(level)), (3, -11), textcoords="offset points", fontsize=8)
    for level in LEVELS:
        axes.axhline(level, color="grey", linewidth=0.6, linestyle=":")
    axes.axhline(STATED_FPR, color="grey", linewidth=0.8)
    axes.set(xlabel=SIZES[report["scale"]], ylabel=MEASURES["sensitivity"].label, ylim=(0, 1.02), xlim=(0, None))
    ticks = [0, STATED_FPR, 0.25, 0.5, 0.75, 0.9, 1]
    axes.set_yticks(ticks, [f"{100 * tick:g} %" if tick else "0" for tick in ticks])
    if report["psychometric"]:
        axes.legend(loc="upper left", frameon=False)
    save(figure, path, f"Bars and bands: 95 % confidence intervals over subjects.\n{report['note']}")
