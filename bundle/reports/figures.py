"""The pictures of a scan's report: three planes of the scan, and the hemispheres of its most asymmetric slice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scripts.io.affine import voxel_size
from scripts.results.bands import BANDS

from .drawing import INK, LINE, MASK, PAPER, empty_figure, png
from .planes import EDGES, PLANES, Cut, cut, in_ras, plane_distance

MARGIN_MM = 24.0
"""Shown around the brain: skull, scalp, and room for the letters."""

LOWEST = min(BANDS.values())
"""Lower probabilities are not painted, as in the viewers."""


def planes(
    data: Mapping[str, Any], result: Mapping[str, Any], with_map: bool, at: Sequence[float] | None = None
) -> dict[str, str]:
    """Draw three planes of the scan, with the outline of the brain.

    Args:
        data: of the pipeline, with ``head``, ``brain_mask`` and ``probability`` on the scan's grid.
        result: see :class:`bundle.predict.scan_result.ScanResult`.
        with_map: also paint the map; else draw the midline.
        at: where the planes cross, RAS mm; by default at the highest probability.

    Returns:
        Name of each plane -> PNG in base64, in the radiological convention.
    """
    head, affine = in_ras(data["head"])
    mask, probability = in_ras(data["brain_mask"])[0] > 0, in_ras(data["probability"])[0]
    sides = voxel_size(affine)
    highest = np.unravel_index(probability.argmax(), probability.shape)
    peak = highest if at is None else _voxel(at, affine, probability.shape)
    low, high = np.percentile(head[mask], [1, 99.5])
    midline = plane_distance(head.shape, affine, result["midline"]["point"], result["midline"]["normal"])
    drawn = {}
    for plane in PLANES:
        figure = empty_figure(4.2, 4.6)
        axes = figure.subplots()
        index = int(peak[PLANES[plane]])
        shown, outline = (cut(volume, sides, plane, index) for volume in (head, mask))
        options: dict[str, Any] = {"origin": "lower", "extent": shown.extent, "interpolation": "bilinear"}
        axes.imshow(shown.image, cmap="gray", vmin=min(low, 0), vmax=high, **options)
        if outline.image.any():
            axes.contour(*outline.centres(), outline.image, levels=[0.5], colors=MASK, linewidths=1)
        if with_map:
            layer = np.ma.masked_less(cut(probability, sides, plane, index).image, LOWEST)
            axes.imshow(layer, cmap="inferno", vmin=0, vmax=1, alpha=0.65, **options)
        elif plane != "sagittal":
            distance = cut(midline, sides, plane, index)
            axes.contour(*distance.centres(), distance.image, levels=[0], colors=LINE, linewidths=1.2)
        _crop(axes, outline)
        _letters(axes, plane, side_known=not result["facts"].get("affine"))
        axes.set_title(plane, color=INK, fontsize=11)
        drawn[plane] = png(figure)
    return drawn


def hemispheres(data: Mapping[str, Any], result: Mapping[str, Any]) -> dict[str, str]:
    """Draw both hemispheres of the most asymmetric slice, and their difference.

    The midline is at the right edge, so that the right hemisphere looks as in the radiological convention. Channel 0 is
    the left hemisphere, mirrored at the midline; channel 1 is the right hemisphere as scanned.

    Args:
        data: of the pipeline, with the pair at ``image``.
        result: see :class:`bundle.predict.scan_result.ScanResult`.

    Returns:
        Title of each picture -> PNG in base64.
    """
    pair = data["image"].as_tensor().reshape(*data["image"].shape[:3], -1).cpu().numpy()
    highest = max(result["slices"], key=lambda slice_: slice_["score"])["index"]
    left, right = (pair[channel, :, :, highest].T for channel in (0, 1))
    side_known = not result["facts"].get("affine")
    sides = voxel_size(data["image"].affine)[:2]
    reach = 3 * float(pair[pair != 0].std())
    titles = (
        ("left hemisphere, mirrored", "right hemisphere") if side_known else ("hemisphere A, mirrored", "hemisphere B")
    )
    drawn = {}
    for image, title in zip((left, right, left - right), (*titles, "difference"), strict=True):
        figure = empty_figure(4.2, 4.6)
        axes = figure.subplots()
        colours = "RdBu_r" if title == "difference" else "gray"
        image = np.ma.masked_equal(image, 0)
        axes.imshow(image, cmap=colours, vmin=-reach, vmax=reach, origin="lower", aspect=sides[1] / sides[0])
        axes.set_title(title, color=INK, fontsize=11)
        axes.invert_xaxis()
        axes.text(1.02, 0.5, "midline", rotation=90, ha="left", va="center", color=LINE, transform=axes.transAxes)
        axes.axvline(-0.5, color=LINE, linewidth=1.5)
        axes.set_axis_off()
        drawn[title] = png(figure)
    return drawn


def _voxel(at: Sequence[float], affine: NDArray[np.float64], shape: tuple[int, ...]) -> tuple[int, ...]:
    """Return the voxel at a position (RAS mm), or the nearest one of the scan."""
    index = np.rint(np.linalg.inv(affine) @ [*at, 1.0])[:3].astype(int)
    return tuple(int(i) for i in np.clip(index, 0, np.array(shape) - 1))


def _crop(axes: Any, outline: Cut) -> None:
    """Show the brain and its surroundings."""
    for axis, limit, end in ((0, axes.set_xlim, outline.extent[1]), (1, axes.set_ylim, outline.extent[3])):
        inside = outline.centres()[axis][outline.image.any(axis=axis)]
        if inside.size:
            limit(max(inside[0] - MARGIN_MM, 0), min(inside[-1] + MARGIN_MM, end))


def _letters(axes: Any, plane: str, side_known: bool) -> None:
    """Write the directions at the edges; question marks if the file does not say which side is left."""
    from matplotlib.patheffects import withStroke

    positions = ((0.02, 0.5), (0.98, 0.5), (0.5, 0.03), (0.5, 0.97))
    for letter, (x, y) in zip(EDGES[plane], positions, strict=True):
        axes.text(
            x,
            y,
            letter if side_known else "?",
            color=INK,
            fontsize=12,
            fontweight="bold",
            transform=axes.transAxes,
            path_effects=[withStroke(linewidth=3, foreground=PAPER)],
            ha="left" if x < 0.1 else "right" if x > 0.9 else "center",
            va="bottom" if y < 0.1 else "top" if y > 0.9 else "center",
        )
    axes.set_axis_off()
