"""Slices with their evidence, side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from ...disclaimer import RESEARCH_ONLY, SIMULATED
from ...preprocessing.hemispheres import merge_hemispheres
from . import canvas, save


def draw_gallery(sorts: Mapping[str, Sequence[Any]], lesions: str, path: Path) -> None:
    """Draw a row for each sort of example; each is a slice with the lesion outlined, and its evidence; write a PNG.

    Args:
        sorts: name to examples, which have ``image``, ``pred``, ``label`` (2, H, W), ``margin`` and ``name``.
        lesions: what those of the found and the missed are.
        path: of the PNG.
    """
    columns = max(1, *(len(examples) for examples in sorts.values()))
    figure = canvas(0.8 + 3.1 * columns, 0.9 + 2.0 * len(sorts))
    grid = figure.subplots(len(sorts), 2 * columns, squeeze=False)
    for panels, (sort, examples) in zip(grid, sorts.items(), strict=True):
        for axes in panels:
            axes.set_axis_off()
        if not examples:
            panels[0].set_title(f"{sort}: none", fontsize=7, loc="left")
        for number, example in enumerate(examples):
            picture, evidence = panels[2 * number : 2 * number + 2]
            image, label, brain = (_whole(part) for part in (example.image, example.label, example.image != 0))
            low, high = image[brain > 0].quantile(torch.tensor([0.01, 0.99])).tolist()
            image = image.where(brain > 0, torch.tensor(low))
            picture.imshow(image.T, cmap="gray", vmin=low, vmax=high, origin="lower")
            shown = _whole(torch.sigmoid(example.pred.float()))
            evidence.imshow(shown.T, cmap="cividis", vmin=0, vmax=1, origin="lower")
            for axes in (picture, evidence):
                axes.contour(brain.T, [0.5], colors="grey", linewidths=0.5)
                if label.any():
                    axes.contour(label.T, [0.5], colors=["white"], linewidths=1)
            picture.set_title(f"{sort}: {example.name}", fontsize=7, loc="left")
            evidence.set_title(f"{example.margin:+.2f}", fontsize=7, loc="right")
    note = (
        f"Found and missed: {lesions}; false alarms: slices without a lesion. From left to right evenly from the score "
        "farthest from the threshold (the number: its distance, a logit) to the nearest. White: the lesion's outline. "
        "Right of each slice its evidence, from 0 (dark) to 1 (bright). The pair's channel 0 is on the left.\n"
    )
    save(figure, path, f"{note}{SIMULATED} {RESEARCH_ONLY}")


def _whole(pair: Tensor) -> Tensor:
    """Both halves (2, H, W) as one slice (X, Y)."""
    return merge_hemispheres(pair.float(), (2 * pair.shape[1], pair.shape[2]))[0]
