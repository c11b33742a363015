"""The scores of an evaluation, slice by slice, with what is true of each."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from ignite.engine import Engine, Events
from torch import Tensor

from ..network.score import with_scores
from .known_location import known_location_scores
from .lesion_position import lesion_position

NEAR = 2
"""The peak of the evidence may lie this many pixels outside the lesion and still be in the right place."""


class CollectScores:
    """Collect one row for each evaluated slice: what it is, its score, and whether the evidence is in the right place.

    A handler of an evaluator.

    Args:
        baseline: another scorer, images (N, 2, H, W) to scores (N,), whose scores stand beside the network's.
    """

    def __init__(self, baseline: Callable[[Tensor], Tensor] | None = None) -> None:
        self.baseline = baseline
        self.columns: dict[str, list[Any]] = {}

    def attach(self, engine: Engine) -> None:
        """Start empty with every evaluation, and collect after every batch."""
        engine.add_event_handler(Events.EPOCH_STARTED, self._empty)
        engine.add_event_handler(Events.ITERATION_COMPLETED, self)

    def _empty(self, engine: Engine) -> None:
        self.columns = {}

    def __call__(self, engine: Engine) -> None:
        batch: Any = engine.state.batch
        output: Any = engine.state.output
        items = [with_scores(item) for item in (output if isinstance(output, list) else [output])]
        image, pred, label = (torch.cat([_batched(item[key]) for item in items]) for key in ("image", "pred", "label"))
        slices = batch["slice"].flatten()
        each = len(slices) // len(batch["case"])
        row = batch["row"].tolist()
        score, leading = (torch.cat([item[key] for item in items]) for key in ("score", "leading_channel"))
        true = label.flatten(2).amax(2).argmax(1)
        peak = _peak_is_near(pred, label)
        lateral, anterior = lesion_position(label, image)
        known, known_normal = known_location_scores(pred, label, batch["lesion_type"], row)
        rows = {
            "lesion_type": batch["lesion_type"],
            "size": batch["size"].tolist(),
            "contrast": _rounded(batch["contrast"]),
            "lateral_position": _rounded(lateral),
            "anterior_position": _rounded(anterior),
            "score": score.tolist(),
            "side_correct": (leading == true).tolist(),
            "peak_in_lesion": peak.tolist(),
            "known_location": known,
            "known_location_normal": known_normal,
            "subject": [batch["subject"][r // each] for r in row],
            "case": [batch["case"][r // each] for r in row],
            "slice": [int(slices[r]) for r in row],
        }
        if self.baseline is not None:
            rows["baseline"] = self.baseline(image).tolist()
        for name, values in rows.items():
            self.columns.setdefault(name, []).extend(values)

    def table(self) -> dict[str, Any]:
        """Return the columns; scores and sizes as tensors (N,), the others as lists."""
        numbers = ("score", "baseline", "size")
        return {name: torch.tensor(v) if name in numbers else v for name, v in self.columns.items()}


def _peak_is_near(pred: Tensor, label: Tensor) -> Tensor:
    """Whether the largest evidence (N, 2, H, W) is in the lesion or up to ``NEAR`` pixels from it: (N,)."""
    count, _, height, width = label.shape
    peak = pred.flatten(1).argmax(1)
    hemisphere, pixel = peak // (height * width), peak % (height * width)
    step = torch.arange(-NEAR, NEAR + 1, device=label.device)
    rows = (pixel // width)[:, None] + step
    columns = (pixel % width)[:, None] + step
    each = torch.arange(count, device=label.device)
    window = label[
        each[:, None, None],
        hemisphere[:, None, None],
        rows.clamp(0, height - 1)[:, :, None],
        columns.clamp(0, width - 1)[:, None, :],
    ]
    return window.amax((1, 2)) > 0


def _rounded(values: Tensor) -> list[float]:
    return [round(value, 3) for value in values.tolist()]


def _batched(tensor: Tensor) -> Tensor:
    return tensor if tensor.ndim == 4 else tensor[None]
