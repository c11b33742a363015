"""The figure of the skull strip: masks drawn on the best, the median and the worst head of each set."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from scripts.disclaimer import RADIOLOGICAL, RESEARCH_ONLY
from scripts.evaluation.figures.radiological import FRONT_AND_BACK, SIDES, radiological

from .heads import Case

COLOURS = {"reference": "#E69F00", "found": "#56B4E9"}  # Okabe & Ito: distinct for the colour-blind

VIEWS = {"sagittal": FRONT_AND_BACK, "axial": SIDES}
"""Name -> directions at the left and the right edge of its picture."""


def keep_views(case: Case, mask: np.ndarray, folder: Path) -> Path:
    """Write sagittal and axial slices through the middle of the brain, in RAS order, of head, reference and mask.

    Args:
        case: the head.
        mask: (X, Y, Z) boolean.
        folder: gets an array file (``.npz``).

    Returns:
        Its path.
    """
    import nibabel as nib

    from scripts.io.affine import voxel_size

    order = nib.orientations.io_orientation(case.affine)
    volumes = [nib.orientations.apply_orientation(v, order) for v in (case.image, case.mask, mask)]
    spacing = voxel_size(case.affine)[np.argsort(order[:, 0])]
    middle = np.round(np.argwhere(volumes[1]).mean(0)).astype(int)
    beside = middle[0] + round(8 / spacing[0])  # beside the fissure, where the falx is no brain
    path = folder / f"{re.sub(r'[^A-Za-z0-9]+', '_', case.name)}_{case.pose}.npz"
    np.savez_compressed(
        path,
        sagittal=np.stack([v[beside] for v in volumes]).astype(np.float32),
        axial=np.stack([v[:, :, middle[2]] for v in volumes]).astype(np.float32),
        aspect=[spacing[2] / spacing[1], spacing[1] / spacing[0]],
        top=1.1 * float(np.quantile(case.image[case.mask], 0.99)),
    )
    return path


def draw_masks(rows: Sequence[dict[str, Any]], path: Path) -> None:
    """Write a PNG: a row for each set, with two views of its best, median and worst head.

    Args:
        rows: of every head and one method, with ``set``, ``head``, ``dice`` and ``views``.
        path: of the PNG.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    sets: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        sets.setdefault("real" if row["set"].startswith("real") else row["set"], []).append(row)
    figure = Figure(figsize=(12, 2.5 * len(sets)), layout="constrained", facecolor="white")
    FigureCanvasAgg(figure)
    grid = figure.subplots(len(sets), 6, squeeze=False)
    for axes, (name, members) in zip(grid, sets.items(), strict=True):
        ranked = sorted(members, key=lambda row: -row["dice"])
        picks = {"best": ranked[0], "median": ranked[len(ranked) // 2], "worst": ranked[-1]}
        for k, (rank, row) in enumerate(picks.items()):
            with np.load(row["views"]) as views:
                for axis, (view, letters), aspect in zip(axes[2 * k :], VIEWS.items(), views["aspect"], strict=False):
                    _draw(axis, views[view], float(aspect), float(views["top"]))
                    radiological(axis, letters)
            axes[2 * k].set_title(f"{name}: {rank}, Dice {row['dice']:.3f}\n{row['head']}", fontsize=8, loc="left")
    figure.supxlabel(f"Orange: reference. Blue: mask of the learned strip. {RADIOLOGICAL} {RESEARCH_ONLY}", fontsize=8)
    figure.savefig(path, dpi=110)


def _draw(axis: Any, view: np.ndarray, aspect: float, top: float) -> None:
    """Draw a slice of head, reference and mask (3, columns, rows) in RAS order."""
    image, reference, mask = view
    axis.imshow(image.T, origin="lower", cmap="gray", vmin=0, vmax=top, aspect=aspect)
    for outline, colour in ((reference, COLOURS["reference"]), (mask, COLOURS["found"])):
        if outline.any():
            axis.contour(outline.T, [0.5], colors=colour, linewidths=1)
    axis.set_axis_off()
