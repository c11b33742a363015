"""Draw one head after each step of the preprocessing: scan, brain, aligned, both hemispheres, their difference."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nibabel as nib
import numpy as np
import torch
from monai.data import MetaTensor

from scripts.disclaimer import RADIOLOGICAL, RESEARCH_ONLY
from scripts.evaluation.figures.radiological import radiological, write_letters
from scripts.midline import AlignMidline
from scripts.preprocessing.hemispheres import SplitHemispheres
from scripts.skull_strip import SkullStrip

HEIGHT = 0.6  # of the axial slice, as a share of the brain's extent


def draw_pair(head: MetaTensor, strip: SkullStrip, path: Path) -> None:
    """Draw an axial slice of a head after every transform.

    Args:
        head: (1, X, Y, Z), drawn on axes near RAS+.
        strip: the skull strip.
        path: of the PNG.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    brain, mask = strip(head)
    aligned = AlignMidline(spacing=(1.0, 1.0, 1.0))(brain)
    pair = SplitHemispheres()(aligned)
    top = float(torch.quantile(brain.as_tensor()[mask.as_tensor() > 0], 0.99))
    whole_heads = {"head": head, "SkullStrip": brain, "AlignMidline": aligned}
    panels: dict[str, tuple[np.ndarray, str]] = {
        "head": (_axial(head, mask), "gray"),
        "SkullStrip": (_axial(brain, mask), "gray"),
        "AlignMidline": (_axial(aligned, aligned != 0), "gray"),
        "left, mirrored": (_axial(pair[:1], pair[:1] != 0), "gray"),
        "right": (_axial(pair[1:], pair[:1] != 0), "gray"),
        "left - right": (_axial(pair[:1] - pair[1:], pair[:1] != 0), "RdBu_r"),
    }
    figure = Figure(figsize=(13, 3.4), layout="constrained", facecolor="white")
    FigureCanvasAgg(figure)
    widths = [image.shape[0] / image.shape[1] for image, _ in panels.values()]
    for axis, (name, (image, colours)) in zip(
        figure.subplots(1, len(panels), width_ratios=widths), panels.items(), strict=True
    ):
        low = 0.0 if colours == "gray" else -top
        axis.imshow(image.T, origin="lower", cmap=colours, vmin=low, vmax=top)
        axis.set_title(name, fontsize=9, loc="left")
        if name in whole_heads:
            letter_sides(axis, whole_heads[name])
        else:
            axis.invert_xaxis()  # the pair starts at the midline
        axis.set_axis_off()
    figure.supxlabel(
        f"A synthetic head. {RADIOLOGICAL} Both hemispheres have the midline at the right edge. {RESEARCH_ONLY}",
        fontsize=8,
    )
    figure.savefig(path, dpi=110)


def letter_sides(axes: Any, image: Any) -> None:
    """Bring a picture to the radiological convention, whichever way X runs, and write R and L.

    Args:
        axes: of matplotlib, with the slice drawn along its x.
        image: MetaTensor (C, X, Y, Z) that the slice is of.

    Raises:
        ValueError: if X does not run from one side to the other.
    """
    draw = radiological if sides(image) == "LR" else write_letters
    draw(axes)


def sides(image: Any) -> str:
    """Return the patient's sides at the first and the last index of X, as the affine has them: ``LR`` or ``RL``.

    Args:
        image: MetaTensor (C, X, Y, Z).

    Raises:
        ValueError: if X does not run from one side to the other.
    """
    axes = nib.orientations.aff2axcodes(image.affine.numpy())
    if axes[0] not in ("L", "R"):
        raise ValueError(f"The first axis of the image runs to {axes[0]}, not to a side. Reorient it to RAS first.")
    return "LR" if axes[0] == "R" else "RL"


def _axial(image: torch.Tensor, where: torch.Tensor) -> np.ndarray:
    """Return the slice (X, Y) at ``HEIGHT`` of the extent of ``where``."""
    planes = torch.as_tensor(where)[0].flatten(0, 1).any(dim=0).nonzero().flatten()
    index = int(planes[0] + HEIGHT * (planes[-1] - planes[0]))
    return torch.as_tensor(image)[0, ..., index].numpy()
