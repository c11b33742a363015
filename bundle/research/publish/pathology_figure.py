"""The figure of the pathologies: one slice of each through its middle, T1 beside T2, in the radiological convention."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from scripts.disclaimer import RESEARCH_ONLY
from scripts.simulation.pathology.canvas import Canvas
from scripts.simulation.pathology.draw import Drawn

COLUMNS = 3
"""Pathologies in a row, each with two panels."""

CORONAL = ("germinal_matrix_haemorrhage", "cerebellar_haemorrhage", "cerebellar_hypoplasia", "extra_axial_collection")
"""Shown in a coronal slice; all others in an axial one."""

MIDDLE_SLICE = ("hemimegalencephaly", "hemiatrophy", "ventriculomegaly", "intraventricular_haemorrhage")
"""Shown at the height of the lateral ventricles, not through the middle of the truth."""

HEIGHT = 0.17
"""Of that slice above the middle of the brain, as a share of its half height."""

RIM_MM = 10.0
"""Shown around the brain."""


@dataclass(frozen=True)
class Panel:
    """One slice.

    Attributes:
        picture: (rows, columns), top row first, the patient's right at the left edge, 0 to 1.
        kind: of the pathology.
        title: severity with its unit.
        contrast: ``T1`` or ``T2``.
        volume_ml: of the pathology.
    """

    picture: np.ndarray
    kind: str
    title: str
    contrast: str
    volume_ml: float


def keep_panel(drawn: Drawn, contrast: str, canvas: Canvas) -> Panel:
    """Cut a slice out of a scan with a pathology, upright by the mid-sagittal plane.

    Args:
        drawn: the scan.
        contrast: of the scan.
        canvas: of the head.
    """
    image, truth, brain = (canvas.sample(v).numpy() for v in (drawn.image, drawn.truth, drawn.brain_mask))
    middle = [round(float(k.mean())) for k in np.nonzero(truth > 0.5 if (truth > 0.5).any() else truth > 0)]
    axis = 1 if drawn.kind in CORONAL else 2
    inside = [np.flatnonzero((brain > 0.5).any(axis=tuple(m for m in range(3) if m != k))) for k in range(3)]
    index = middle[axis]
    if drawn.kind in MIDDLE_SLICE:
        low, high = inside[2][[0, -1]]
        index = round((low + high) / 2 + HEIGHT * (high - low) / 2)
    rim = round(RIM_MM / canvas.step)
    box = [slice(max(k[0] - rim, 0), k[-1] + rim + 1) for k in inside]
    flat = image.take(index, axis=axis)
    flat = flat[box[0], box[3 - axis]]
    white = np.quantile(image[brain > 0.5], 0.995)
    picture = np.clip(flat / white, 0, 1)[::-1, ::-1].T
    return Panel(picture, drawn.kind, f"{drawn.severity:g} {drawn.unit}", contrast, round(drawn.volume_ml, 3))


def draw_panels(panels: Sequence[Panel], path: Path) -> None:
    """Write a PNG of all panels, those of a pathology side by side.

    Args:
        panels: any number of each pathology, at most two.
        path: of the PNG.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    kinds = list(dict.fromkeys(panel.kind for panel in panels))
    rows = -(-len(kinds) // COLUMNS)
    figure = Figure(figsize=(10.8, 2.05 * rows + 0.3), layout="constrained", facecolor="black")
    FigureCanvasAgg(figure)
    grid = figure.subplots(rows, 2 * COLUMNS, squeeze=False)
    for axis in grid.flat:
        axis.set_axis_off()
    for place, kind in enumerate(kinds):
        shown = [panel for panel in panels if panel.kind == kind]
        for k, panel in enumerate(shown):
            _draw(grid[place // COLUMNS, 2 * (place % COLUMNS) + k], panel, k == 0)
    note = f"Radiological convention: the right of the patient is on the left. All on the right. {RESEARCH_ONLY}"
    figure.supxlabel(note, fontsize=8, color="white")
    figure.savefig(path, dpi=100, facecolor="black")


def _draw(axis: Any, panel: Panel, first: bool) -> None:
    axis.imshow(panel.picture, cmap="gray", vmin=0, vmax=1, interpolation="bilinear")
    words = panel.kind.replace("_", " ")
    axis.set_title(words if first else panel.title, fontsize=8, color="white", loc="left", pad=2)
    axis.text(0.02, 0.02, panel.contrast, transform=axis.transAxes, color="white", fontsize=7)
    if first:
        axis.text(0.02, 0.5, "R", transform=axis.transAxes, color="white", fontsize=7)
