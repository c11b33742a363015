"""Draw the true mid-sagittal plane and the detected one on heads."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import torch
from monai.data import MetaTensor

from scripts.disclaimer import RADIOLOGICAL, RESEARCH_ONLY
from scripts.midline.find_plane import find_plane
from scripts.midline.plane import MidsagittalPlane
from scripts.skull_strip import SkullStrip

from .heads import Case
from .pair_figure import letter_sides

VIEWS = (("axial", 2), ("coronal", 1))


def draw_planes(cases: Mapping[str, Case], strip: SkullStrip, path: Path) -> None:
    """Draw an axial and a coronal slice of each head through the brain's centre, with both planes on it.

    Args:
        cases: name to head, drawn on axes near RAS+.
        strip: the skull strip.
        path: of the PNG.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(3.2 * len(cases), 6.9), layout="constrained")
    FigureCanvasAgg(figure)
    grid = figure.subplots(len(VIEWS), len(cases), squeeze=False)
    for column, (name, case) in enumerate(cases.items()):
        brain, mask = strip(case.image)
        detected = find_plane(brain, brain.affine)
        affine = case.image.affine.numpy()
        centre = np.argwhere(mask[0].numpy()).mean(axis=0).round().astype(int)
        for row, (view, axis) in enumerate(VIEWS):
            axes = grid[row, column]
            _show(axes, case.image, centre, axis)
            _line(axes, case.plane, affine, centre, axis, color="tab:green", lw=2.5, label="true")
            _line(axes, detected.plane, affine, centre, axis, color="tab:orange", lw=1.2, ls="--", label="detected")
            axes.set_xticks([]), axes.set_yticks([])
            if row == 0:
                angle, offset = detected.plane.angle_to(case.plane), abs(case.plane.distance_to(detected.plane.point))
                about = ", ".join(str(value) for key, value in case.about.items() if key != "lesion_mm")
                lesion = f", lesion {case.about['lesion_mm']:g} mm" if case.about["lesion_mm"] else ""
                axes.set_title(f"{name}: {angle:.2f}°, {offset:.2f} mm\n{about}{lesion}", fontsize=9)
            if column == 0:
                axes.set_ylabel(view)
    grid[0, 0].legend(loc="lower left", fontsize=8)
    figure.supxlabel(f"Synthetic heads. {RADIOLOGICAL} {RESEARCH_ONLY}", fontsize=8)
    figure.savefig(path, dpi=110)


def _show(axes, image: MetaTensor, centre: np.ndarray, axis: int) -> None:
    """Draw one slice in the radiological convention."""
    picture = image.as_tensor()[0].select(axis, int(centre[axis])).numpy()
    axes.imshow(picture.T, cmap="gray", origin="lower", vmax=float(np.quantile(picture, 0.995)))
    letter_sides(axes, image)


def _line(axes, plane: MidsagittalPlane, affine: np.ndarray, centre: np.ndarray, axis: int, **style) -> None:
    """Draw where a plane cuts the slice: the zero line of the distance from it."""
    shown = [a for a in range(3) if a != axis]
    x0, x1 = axes.get_xlim()
    y0, y1 = axes.get_ylim()
    # distance(voxel) = a . voxel + b; solve for x at the lower and the upper end of the picture.
    a = affine[:3, :3].T @ np.array(plane.normal)
    b = (affine[:3, 3] - np.array(plane.point)) @ np.array(plane.normal) + a[axis] * centre[axis]
    ends = torch.tensor([y0, y1]).numpy()
    axes.plot(-(b + a[shown[1]] * ends) / a[shown[0]], ends, **style)
    axes.set_xlim(x0, x1), axes.set_ylim(y0, y1)
