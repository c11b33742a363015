"""The pictures of a scan's report, as PNG in base64."""

from __future__ import annotations

import base64
import io
from typing import Any

import numpy as np

from scripts.results.bands import BANDS

from .planes import EDGES, PLANES, Cut, cut, in_ras, plane_distance

INK, PAPER, MASK, LINE, MARK = "#e8eef2", "#10171c", "#56b4e9", "#f0e442", "#d55e00"
"""Colours of text, ground, brain outline, midline and mark: told apart by the colour-blind (Okabe & Ito)."""

AROUND_MM = 24.0
"""Shown beyond the brain: skull, scalp, and room for the letters."""

DPI = 110

SEEN = min(BANDS.values())
"""A probability below this is not painted, here as in the viewers."""


def planes(found: dict[str, Any], result: dict[str, Any], with_map: bool) -> dict[str, str]:
    """Draw the scan in three planes through the peak, with the outline of the brain, and midline or map.

    Args:
        found: of the pipeline: ``head``, ``brain_mask``, ``pred`` on their grids.
        result: the answer.
        with_map: paint the map; else draw the midline.

    Returns:
        Name of each plane -> its picture.
    """
    head, affine = in_ras(found["head"])
    mask, chance = in_ras(found["brain_mask"])[0] > 0, in_ras(found["probability"])[0]
    sides = np.linalg.norm(affine[:3, :3], axis=0)
    place = np.unravel_index(chance.argmax(), chance.shape)
    low, high = np.percentile(head[mask], [1, 99.5])
    midline = plane_distance(head.shape, affine, result["midline"]["point"], result["midline"]["normal"])
    drawn = {}
    for plane in PLANES:
        figure = _figure(4.2, 4.6)
        axes = figure.subplots()
        index = int(place[PLANES[plane]])
        shown, outline = (cut(volume, sides, plane, index) for volume in (head, mask))
        options: dict[str, Any] = {"origin": "lower", "extent": shown.extent, "interpolation": "bilinear"}
        axes.imshow(shown.image, cmap="gray", vmin=min(low, 0), vmax=high, **options)
        if outline.image.any():
            axes.contour(*outline.centres(), outline.image, levels=[0.5], colors=MASK, linewidths=1)
        if with_map:
            layer = np.ma.masked_less(cut(chance, sides, plane, index).image, SEEN)
            axes.imshow(layer, cmap="inferno", vmin=0, vmax=1, alpha=0.65, **options)
        elif plane != "sagittal":
            distance = cut(midline, sides, plane, index)
            axes.contour(*distance.centres(), distance.image, levels=[0], colors=LINE, linewidths=1.2)
        _frame(axes, outline)
        _letters(axes, plane, known=not result["facts"].get("affine"))
        axes.set_title(plane, color=INK, fontsize=11)
        drawn[plane] = _png(figure)
    return drawn


def halves(found: dict[str, Any], result: dict[str, Any]) -> dict[str, str]:
    """Draw the two halves of the most asymmetric slice, the right one mirrored, and what differs; each by its name."""
    pair = found["image"].as_tensor().reshape(*found["image"].shape[:3], -1).cpu().numpy()
    top = max(result["slices"], key=lambda one: one["score"])["index"]
    left, right = (pair[channel, :, :, top].T for channel in (0, 1))
    known = not result["facts"].get("affine")
    sides = np.linalg.norm(np.asarray(found["image"].affine, dtype=float)[:2, :2], axis=0)
    reach = 3 * float(pair[pair != 0].std())
    names = ("left half", "right half, mirrored") if known else ("one half", "the other, mirrored")
    drawn = {}
    for image, name in zip((left, right, left - right), (*names, "difference"), strict=True):
        figure = _figure(4.2, 4.6)
        axes = figure.subplots()
        colours = "RdBu_r" if name == "difference" else "gray"
        image = np.ma.masked_equal(image, 0)
        axes.imshow(image, cmap=colours, vmin=-reach, vmax=reach, origin="lower", aspect=sides[1] / sides[0])
        axes.set_title(name, color=INK, fontsize=11)
        axes.text(-0.02, 0.5, "midline", rotation=90, ha="right", va="center", color=LINE, transform=axes.transAxes)
        axes.axvline(-0.5, color=LINE, linewidth=1.5)
        axes.set_axis_off()
        drawn[name] = _png(figure)
    return drawn


def profile(result: dict[str, Any]) -> str:
    """Draw the score of each slice from below to above."""
    figure = _figure(5.4, 3.6)
    axes = figure.subplots()
    known = result["slices"][0]["centre_ras_mm"] is not None and len(result["slices"][0]["centre_ras_mm"]) == 3
    place = [one["centre_ras_mm"][2] if known else one["index"] for one in result["slices"]]
    score = [one["score"] for one in result["slices"]]
    axes.fill_between(place, score, color=MASK, alpha=0.25, linewidth=0)
    axes.plot(place, score, color=MASK, linewidth=1.8, marker="o" if len(score) == 1 else None)
    axes.axhline(result["slice_threshold"], color=MARK, linewidth=1.2, linestyle="--")
    axes.text(place[0], result["slice_threshold"] + 0.02, "threshold of a slice", color=MARK, fontsize=9)
    _axes(axes, "height in the scanner (mm)" if known else "slice, from below", "score of the slice")
    axes.set_ylim(0, 1)
    return _png(figure)


def among_normal(result: dict[str, Any], reference: list[float]) -> str:
    """Draw where the score lies among those of normal scans."""
    figure = _figure(5.4, 3.6)
    axes = figure.subplots()
    axes.hist(reference, bins=np.linspace(0, 1, 26), color=MASK, alpha=0.6)
    axes.axvline(result["score"], color=MARK, linewidth=2.2)
    if result["scan_threshold"] is not None:
        axes.axvline(result["scan_threshold"], color=LINE, linewidth=1.2, linestyle="--")
    edge = "right" if result["score"] > 0.85 else "left" if result["score"] < 0.15 else "center"
    axes.annotate("this scan", (result["score"], 1.01), xycoords=("data", "axes fraction"), color=MARK, ha=edge)
    axes.yaxis.get_major_locator().set_params(integer=True)
    _axes(axes, "score of the scan", f"normal scans ({len(reference)}, {result['percentile']['reference']})")
    axes.set_xlim(0, 1)
    return _png(figure)


def scores(values: list[float], threshold: float | None) -> str:
    """Draw how the scores of a run lie, and the threshold of a scan where there is one."""
    figure = _figure(5.4, 3.6)
    axes = figure.subplots()
    counts, edges = np.histogram(values, bins=np.linspace(0, 1, 26))
    axes.bar(edges[:-1], counts, width=np.diff(edges), align="edge", color=MASK, alpha=0.35)
    within = np.clip(np.digitize(values, edges) - 1, 0, len(counts) - 1)
    height = [sum(within[:k] == within[k]) + 0.5 for k in range(len(values))]
    axes.scatter(values, height, s=22, color=MASK)
    if threshold is not None:
        axes.axvline(threshold, color=MARK, linewidth=1.2, linestyle="--")
        edge = "right" if threshold > 0.85 else "center"
        axes.annotate("threshold", (threshold, 1.01), xycoords=("data", "axes fraction"), color=MARK, ha=edge)
    _axes(axes, "score of the scan", "scans")
    axes.set_xlim(0, 1)
    axes.yaxis.get_major_locator().set_params(integer=True)
    return _png(figure)


def _frame(axes: Any, outline: Cut) -> None:
    """Show the brain and what is near it."""
    for axis, limit, end in ((0, axes.set_xlim, outline.extent[1]), (1, axes.set_ylim, outline.extent[3])):
        hits = outline.centres()[axis][outline.image.any(axis=axis)]
        if hits.size:
            limit(max(hits[0] - AROUND_MM, 0), min(hits[-1] + AROUND_MM, end))


def _letters(axes: Any, plane: str, known: bool) -> None:
    from matplotlib.patheffects import withStroke

    places = ((0.02, 0.5), (0.98, 0.5), (0.5, 0.03), (0.5, 0.97))
    for letter, (x, y) in zip(EDGES[plane], places, strict=True):
        text = letter if known else "?"
        outline = [withStroke(linewidth=3, foreground=PAPER)]
        anchor = {"ha": "left" if x < 0.1 else "right" if x > 0.9 else "center"}
        anchor["va"] = "bottom" if y < 0.1 else "top" if y > 0.9 else "center"
        axes.text(
            x,
            y,
            text,
            color=INK,
            fontsize=12,
            fontweight="bold",
            transform=axes.transAxes,
            path_effects=outline,
            **anchor,
        )
    axes.set_axis_off()


def _axes(axes: Any, across: str, up: str) -> None:
    axes.set_facecolor(PAPER)
    axes.set_xlabel(across, color=INK)
    axes.set_ylabel(up, color=INK)
    axes.tick_params(colors=INK)
    for name, spine in axes.spines.items():
        spine.set_visible(name in ("left", "bottom"))
        spine.set_color("#5c6b75")


def _figure(width: float, height: float) -> Any:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), layout="constrained", facecolor=PAPER)
    FigureCanvasAgg(figure)
    return figure


def _png(figure: Any) -> str:
    content = io.BytesIO()
    figure.savefig(content, dpi=DPI, format="png", metadata={"Software": None})
    return base64.b64encode(content.getvalue()).decode("ascii")
