"""The charts of the reports: scores of slices, a score among those of normal scans, the scores of all scans."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from .drawing import MARK, MASK, empty_figure, png, style_axes

BINS = np.linspace(0, 1, 26)
"""Edges of the bins of a histogram of scores."""


def slice_profile(result: Mapping[str, Any]) -> str:
    """Draw the score of each slice, from inferior to superior.

    Args:
        result: see :class:`bundle.predict.scan_result.ScanResult`.

    Returns:
        PNG in base64.
    """
    figure = empty_figure(5.4, 3.6)
    axes = figure.subplots()
    slices = result["slices"]
    in_scanner = slices[0]["centre_ras_mm"] is not None and len(slices[0]["centre_ras_mm"]) == 3
    position = [slice_["centre_ras_mm"][2] if in_scanner else slice_["index"] for slice_ in slices]
    score = [slice_["score"] for slice_ in slices]
    axes.fill_between(position, score, color=MASK, alpha=0.25, linewidth=0)
    axes.plot(position, score, color=MASK, linewidth=1.8, marker="o" if len(score) == 1 else None)
    axes.axhline(result["slice_threshold"], color=MARK, linewidth=1.2, linestyle="--")
    axes.text(position[0], result["slice_threshold"] + 0.02, "threshold for a slice", color=MARK, fontsize=9)
    label = "position S in the scanner (mm)" if in_scanner else "slice, from inferior to superior"
    style_axes(axes, label, "score of the slice")
    axes.set_ylim(0, 1)
    return png(figure)


def among_normal(result: Mapping[str, Any], reference: Sequence[float]) -> str:
    """Draw the score of a scan among those of normal scans.

    Args:
        result: see :class:`bundle.predict.scan_result.ScanResult`.
        reference: scores of the normal scans.

    Returns:
        PNG in base64.
    """
    figure = empty_figure(5.4, 3.6)
    axes = figure.subplots()
    axes.hist(reference, bins=BINS, color=MASK, alpha=0.6)
    axes.axvline(result["score"], color=MARK, linewidth=2.2)
    _name_line(axes, result["score"], "this scan")
    axes.yaxis.get_major_locator().set_params(integer=True)
    style_axes(axes, "score of the scan", "number of normal scans")
    axes.set_xlim(0, 1)
    return png(figure)


def score_distribution(values: Sequence[float]) -> str:
    """Draw the scores of all scans of a run as dots.

    Args:
        values: the scores.

    Returns:
        PNG in base64.
    """
    figure = empty_figure(5.4, 3.6)
    axes = figure.subplots()
    counts, edges = np.histogram(values, bins=BINS)
    axes.bar(edges[:-1], counts, width=np.diff(edges), align="edge", color=MASK, alpha=0.35)
    number = np.clip(np.digitize(values, edges) - 1, 0, len(counts) - 1)
    height = [sum(number[:k] == number[k]) + 0.5 for k in range(len(values))]
    axes.scatter(values, height, s=22, color=MASK)
    style_axes(axes, "score of the scan", "number of scans")
    axes.set_xlim(0, 1)
    axes.yaxis.get_major_locator().set_params(integer=True)
    return png(figure)


def _name_line(axes: Any, x: float, name: str) -> None:
    """Write a name above a vertical line, within the figure."""
    anchor = "right" if x > 0.85 else "left" if x < 0.15 else "center"
    axes.annotate(name, (x, 1.01), xycoords=("data", "axes fraction"), color=MARK, ha=anchor)
