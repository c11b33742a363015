"""A gallery of an evaluation: detected lesions, missed lesions and false positives."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import torch
from ignite.engine import Engine, Events
from torch import Tensor, nn

from ..console.output import is_main_process
from ..network.score import with_scores
from .figures.gallery import draw_gallery

EXAMPLES = 3
"""Examples in each group."""


class Example(NamedTuple):
    """One slice of the gallery.

    Attributes:
        image: the pair (2, H, W).
        pred: its evidence map (2, H, W), logits.
        label: its lesion mask (2, H, W).
        margin: its score minus the threshold, logits.
        name: of scan and slice.
    """

    image: Tensor
    pred: Tensor
    label: Tensor
    margin: float
    name: str


class Gallery:
    """Draw detected and missed lesions and false positives as ``gallery.png``; a handler of the evaluator.

    The examples of each group are evenly spread, from the farthest from the threshold to the nearest.

    Args:
        network: its ``threshold`` decides.
        output_dir: created if it is missing.
        scale: unit of the sizes: ``side_mm`` or ``area_mm2``.
        lesion_type: of the lesions that are shown.
        size: of these lesions. Without any of this lesion type and size only false positives are shown.
    """

    def __init__(
        self,
        network: nn.Module,
        output_dir: str,
        scale: str = "side_mm",
        lesion_type: str = "physical",
        size: float = 13.5,
    ) -> None:
        self.network, self.output_dir, self.lesion_type, self.size = network, Path(output_dir), lesion_type, size
        self.unit = {"side_mm": "mm", "area_mm2": "mm²"}[scale]
        self.groups: dict[str, list[Example]] = {}

    def attach(self, engine: Engine) -> None:
        """Start empty with every evaluation, collect after every batch, and draw at the end."""
        engine.add_event_handler(Events.STARTED, self._empty)
        engine.add_event_handler(Events.ITERATION_COMPLETED, self._collect)
        engine.add_event_handler(Events.COMPLETED, self)

    def _empty(self, engine: Engine) -> None:
        self.groups = {"detected": [], "missed": [], "false positive": []}

    def _collect(self, engine: Engine) -> None:
        batch: Any = engine.state.batch
        output: Any = engine.state.output
        network: Any = getattr(self.network, "module", self.network)
        margins = (with_scores(output)["score"] - network.threshold).tolist()
        slices = batch["slice"].flatten().tolist()
        slices_per_scan = len(slices) // len(batch["case"])
        for index, (lesion_type, size, margin) in enumerate(
            zip(batch["lesion_type"], batch["size"].tolist(), margins, strict=True)
        ):
            if lesion_type == self.lesion_type and size == self.size:
                group = "detected" if margin > 0 else "missed"
            elif lesion_type == "normal" and margin > 0:
                group = "false positive"
            else:
                continue
            image, pred, label = (output[key][index].half().cpu() for key in ("image", "pred", "label"))
            row = int(batch["row"][index])
            name = f"{batch['case'][row // slices_per_scan]}, slice {slices[row]}"
            self.groups[group].append(Example(image, pred, label, margin, name))

    def __call__(self, engine: Engine) -> None:
        if not is_main_process():  # of several, the first shows examples of its own scans
            return
        self.output_dir.mkdir(parents=True, exist_ok=True)
        shown = {group: spread(examples) for group, examples in self.groups.items()}
        draw_gallery(shown, f"{self.lesion_type} lesions of {self.size:g} {self.unit}", self.output_dir / "gallery.png")


def spread(examples: list[Example]) -> list[Example]:
    """Choose up to ``EXAMPLES`` of them, evenly spread from the farthest from the threshold to the nearest."""
    ranked = sorted(examples, key=lambda example: -abs(example.margin))
    count = min(EXAMPLES, len(ranked))
    return [ranked[int(i)] for i in torch.linspace(0, len(ranked) - 1, count).round()] if count else []
