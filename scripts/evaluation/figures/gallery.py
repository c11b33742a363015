"""Example slices and their evidence maps, side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from ...disclaimer import RADIOLOGICAL, RESEARCH_ONLY, SIMULATED
from ...preprocessing.hemispheres import merge_hemispheres
from . import canvas, save
from .radiological import radiological


def draw_gallery(groups: Mapping[str, Sequence[Any]], lesions: str, path: Path) -> None:
    """Draw a row for each group of examples: each slice with its lesion outlined, and its evidence map; write a PNG.

    Args:
        groups: name -> examples, which have ``image``, ``pred``, ``label`` (2, H, W), ``margin`` and ``name``.
        lesions: describes the lesions of the detected and the missed examples.
        path: of the PNG.
    """
    columns = max(1, *(len(examples) for examples in groups.values()))
    figure = canvas(0.8 + 3.1 * columns, 0.9 + 2.0 * len(groups))
    grid = figure.subplots(len(groups), 2 * columns, squeeze=False)
    for panels, (group, examples) in zip(grid, groups.items(), strict=True):
        for axes in panels:
            axes.set_axis_off()
        if not examples:
            panels[0].set_title(f"{group}: none", fontsize=7, loc="left")
        for number, example in enumerate(examples):
            picture, evidence = panels[2 * number : 2 * number + 2]
            image, label, brain = (_as_slice(part) for part in (example.image, example.label, example.image != 0))
            low, high = image[brain > 0].quantile(torch.tensor([0.01, 0.99])).tolist()
            image = image.where(brain > 0, torch.tensor(low))
            picture.imshow(image.T, cmap="gray", vmin=low, vmax=high, origin="lower")
            probability = _as_slice(torch.sigmoid(example.pred.float()))
            evidence.imshow(probability.T, cmap="cividis", vmin=0, vmax=1, origin="lower")
            for axes in (picture, evidence):
                axes.contour(brain.T, [0.5], colors="grey", linewidths=0.5)
                if label.any():
                    axes.contour(label.T, [0.5], colors=["white"], linewidths=1)
                radiological(axes)
            picture.set_title(f"{group}: {example.name}", fontsize=7, loc="left")
            evidence.set_title(f"{example.margin:+.2f}", fontsize=7, loc="right")
    note = (
        f"Detected and missed: {lesions}. False positive: slices without a lesion. Within a row, scores go from the "
        "farthest from the threshold to the nearest; the number is the distance from the threshold, a logit. White: "
        "outline of the lesion. Right of each slice is its evidence map as a probability, from 0 (dark) to 1 (bright). "
        f"{RADIOLOGICAL}\n"
    )
    save(figure, path, f"{note}{SIMULATED} {RESEARCH_ONLY}")


def _as_slice(pair: Tensor) -> Tensor:
    """Merge both hemispheres (2, H, W) into one slice (X, Y), X from the patient's left to the right."""
    return merge_hemispheres(pair.float(), (2 * pair.shape[1], pair.shape[2]))[0]
