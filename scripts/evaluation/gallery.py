"""A gallery of an evaluation: lesions that were found, lesions that were missed, and false alarms."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import torch
from ignite.engine import Engine, Events
from torch import Tensor, nn

from ..network.score import with_scores
from .figures.gallery import draw_gallery

EACH = 4
"""Examples of each sort."""


class Example(NamedTuple):
    """One slice: pair, evidence (logits) and lesion mask, each (2, H, W), its score above the threshold, its name."""

    image: Tensor
    pred: Tensor
    label: Tensor
    margin: float
    name: str


class Gallery:
    """Draw hits, misses and false alarms, evenly from the clearest to the closest; a handler of the evaluator.

    Writes ``gallery.png`` to ``output_dir``.

    Args:
        network: whose ``threshold`` decides.
        output_dir: made if it is missing.
        scale: unit of the sizes: ``side_mm`` or ``area_mm2``.
        lesion_type: of the lesions that are shown.
        size: of these lesions; without any of this kind and size only false alarms are shown.
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
        self.sorts: dict[str, list[Example]] = {}

    def attach(self, engine: Engine) -> None:
        """Start empty with every evaluation, look at every batch, and draw at the end."""
        engine.add_event_handler(Events.STARTED, self._empty)
        engine.add_event_handler(Events.ITERATION_COMPLETED, self._keep)
        engine.add_event_handler(Events.COMPLETED, self)

    def _empty(self, engine: Engine) -> None:
        self.sorts = {"found": [], "missed": [], "false alarm": []}

    def _keep(self, engine: Engine) -> None:
        batch: Any = engine.state.batch
        output: Any = engine.state.output
        network: Any = getattr(self.network, "module", self.network)
        margins = (with_scores(output)["score"] - network.threshold).tolist()
        slices = batch["slice"].flatten().tolist()
        each = len(slices) // len(batch["case"])
        for index, (lesion_type, size, margin) in enumerate(
            zip(batch["lesion_type"], batch["size"].tolist(), margins, strict=True)
        ):
            if lesion_type == self.lesion_type and size == self.size:
                sort = "found" if margin > 0 else "missed"
            elif lesion_type == "normal" and margin > 0:
                sort = "false alarm"
            else:
                continue
            image, pred, label = (output[key][index].half().cpu() for key in ("image", "pred", "label"))
            row = int(batch["row"][index])
            name = f"{batch['case'][row // each]}, slice {slices[row]}"
            self.sorts[sort].append(Example(image, pred, label, margin, name))

    def __call__(self, engine: Engine) -> None:
        self.output_dir.mkdir(parents=True, exist_ok=True)
        shown = {sort: _spread(examples) for sort, examples in self.sorts.items()}
        draw_gallery(shown, f"{self.lesion_type} lesions of {self.size:g} {self.unit}", self.output_dir / "gallery.png")


def _spread(examples: list[Example]) -> list[Example]:
    """Up to ``EACH`` examples, evenly from the one farthest from the threshold to the nearest."""
    ranked = sorted(examples, key=lambda example: -abs(example.margin))
    count = min(EACH, len(ranked))
    return [ranked[int(i)] for i in torch.linspace(0, len(ranked) - 1, count).round()] if count else []
