"""The figure of the skull strip: masks drawn on the best, the median and the worst head of each set."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np

from .heads import Case

COLOURS = {"reference": "#E69F00", "found": "#56B4E9"}  # Okabe & Ito: told apart by the colour-blind


class Picture(NamedTuple):
    """What is drawn of one head.

    Attributes:
        dice: of the mask found.
        name: of the head.
        top: intensity drawn white.
        views: sagittal and axial: slices of image, reference and mask found, and the pixels' aspect.
    """

    dice: float
    name: str
    top: float
    views: tuple[tuple[np.ndarray, np.ndarray, np.ndarray, float], ...]


def draw_masks(sets: dict[str, list[Picture]], path: Path) -> None:
    """Write a PNG: a row for each set; sagittal and axial views of its best, median and worst head.

    Args:
        sets: name → every head.
        path: of the PNG.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(15, 2.9 * len(sets)), layout="constrained", facecolor="white")
    FigureCanvasAgg(figure)
    grid = figure.subplots(len(sets), 6, squeeze=False)
    for axes, (name, members) in zip(grid, sets.items(), strict=True):
        ranked = sorted(members, key=lambda member: -member.dice)
        picks = {"best": ranked[0], "median": ranked[len(ranked) // 2], "worst": ranked[-1]}
        for k, (rank, seen) in enumerate(picks.items()):
            for axis, (image, truth, mask, ratio) in zip(axes[2 * k : 2 * k + 2], seen.views, strict=True):
                axis.imshow(image.T, origin="lower", cmap="gray", vmin=0, vmax=seen.top, aspect=ratio)
                for outline, colour in ((truth, COLOURS["reference"]), (mask, COLOURS["found"])):
                    if outline.any():
                        axis.contour(outline.T, [0.5], colors=colour, linewidths=1)
                axis.set_axis_off()
            axes[2 * k].set_title(f"{name}: {rank}, Dice {seen.dice:.3f}\n{seen.name}", fontsize=8, loc="left")
    figure.supxlabel("orange: reference; blue: found by the learned strip", fontsize=9)
    figure.savefig(path, dpi=110)


def picture(case: Case, found: np.ndarray, dice: float) -> Picture:
    """Cut the slices through the middle of the brain, in RAS order.

    Args:
        case: the head.
        found: (X, Y, Z) boolean.
        dice: of it.
    """
    import nibabel as nib

    order = nib.orientations.io_orientation(case.affine)
    volumes = [nib.orientations.apply_orientation(v, order) for v in (case.image, case.mask, found)]
    spacing = np.linalg.norm(case.affine[:3, :3], axis=0)[np.argsort(order[:, 0])]
    middle = np.round(np.argwhere(volumes[1]).mean(0)).astype(int)
    beside = middle[0] + round(8 / spacing[0])  # beside the fissure, whose falx is no brain
    sagittal = [v[beside].copy() for v in volumes]
    axial = [v[:, :, middle[2]].copy() for v in volumes]
    views = ((*sagittal, spacing[2] / spacing[1]), (*axial, spacing[1] / spacing[0]))
    return Picture(dice, case.name, 1.1 * float(np.quantile(case.image[case.mask], 0.99)), views)
