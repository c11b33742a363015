"""The scores of an evaluation: one row for each slice, with what is true of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypedDict

import torch
import torch.distributed as dist
from ignite.engine import Engine, Events
from torch import Tensor
from torch.utils.data.distributed import DistributedSampler

from ..network.score import with_scores
from .known_location import evidence_at_lesion
from .lesion_position import lesion_position

TOLERANCE_PIXELS = 2
"""The peak of the evidence counts as in the lesion up to so many pixels outside of it."""

NUMBERS = ("score", "baseline", "size")
"""Columns that :meth:`CollectScores.table` returns as tensors."""


class Columns(TypedDict, total=False):
    """The columns of an evaluation, as in ``scores.json``: lists or tensors (N,) with one value for each slice.

    Attributes:
        lesion_type: a key of :data:`scripts.simulation.lesion_types.LESION_TYPES`; "normal" has no lesion.
        size: of the lesion, in mm or mm² by the evaluation's scale; 0 without a lesion.
        contrast: of the lesion, without its sign, in standard deviations of the brain's intensities.
        lateral_position: of the lesion's centre, from 0 (midline) to 1 (most lateral brain of the slice).
        anterior_position: of the lesion's centre, from 0 (most posterior) to 1 (most anterior brain).
        score: slice score, a logit.
        side_correct: the hemisphere with the lesion has more evidence than the other one.
        peak_in_lesion: the evidence map has its peak in the lesion.
        known_location: mean evidence within the lesion's outline; None without a lesion.
        known_location_normal: the same in the same slice without the lesion.
        subject: of the scan.
        case: name of the scan.
        slice: index of the slice in its scan.
        baseline: score of the baseline without learning, if it was computed.
    """

    lesion_type: Any
    size: Any
    contrast: Any
    lateral_position: Any
    anterior_position: Any
    score: Any
    side_correct: Any
    peak_in_lesion: Any
    known_location: Any
    known_location_normal: Any
    subject: Any
    case: Any
    slice: Any
    baseline: Any


class CollectScores:
    """Collect one row for each evaluated slice, see :class:`Columns`; a handler of an evaluator.

    Args:
        baseline: another scorer, images (N, 2, H, W) to scores (N,). Its scores become the column ``baseline``.
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
        slices_per_scan = len(slices) // len(batch["case"])
        row = batch["row"].tolist()
        score, leading = (torch.cat([item[key] for item in items]) for key in ("score", "leading_channel"))
        true_channel = label.flatten(2).amax(2).argmax(1)
        lateral, anterior = lesion_position(label, image)
        at_lesion, at_lesion_normal = evidence_at_lesion(pred, label, batch["lesion_type"], row)
        columns: Columns = {
            "lesion_type": batch["lesion_type"],
            "size": batch["size"].tolist(),
            "contrast": _rounded(batch["contrast"]),
            "lateral_position": _rounded(lateral),
            "anterior_position": _rounded(anterior),
            "score": score.tolist(),
            "side_correct": (leading == true_channel).tolist(),
            "peak_in_lesion": peak_in_lesion(pred, label).tolist(),
            "known_location": at_lesion,
            "known_location_normal": at_lesion_normal,
            "subject": [batch["subject"][r // slices_per_scan] for r in row],
            "case": [batch["case"][r // slices_per_scan] for r in row],
            "slice": [int(slices[r]) for r in row],
        }
        if self.baseline is not None:
            columns["baseline"] = self.baseline(image).tolist()
        for name, values in columns.items():
            self.columns.setdefault(name, []).extend(values)  # type: ignore[arg-type]  # all are lists here

    def table(self, engine: Engine | None = None) -> Columns:
        """Return the columns: scores and sizes as tensors (N,), the others as lists.

        Args:
            engine: the evaluator. If its data loader gives each process a share of the scans, the shares are put
                together, and all processes have to ask.
        """
        loader: Any = engine.state.dataloader if engine else None
        shared = isinstance(getattr(loader, "sampler", None), DistributedSampler)
        columns = _of_all_processes(self.columns) if shared else self.columns
        table: Any = {name: torch.tensor(v) if name in NUMBERS else v for name, v in columns.items()}
        return table


def peak_in_lesion(pred: Tensor, label: Tensor) -> Tensor:
    """Return whether the peak of each evidence map is in the lesion or close to it.

    Args:
        pred: evidence maps (N, 2, H, W).
        label: lesion masks (N, 2, H, W).

    Returns:
        (N,) bool, True up to ``TOLERANCE_PIXELS`` outside the lesion, in its own hemisphere only.
    """
    count, _, height, width = label.shape
    peak = pred.flatten(1).argmax(1)
    hemisphere, pixel = peak // (height * width), peak % (height * width)
    step = torch.arange(-TOLERANCE_PIXELS, TOLERANCE_PIXELS + 1, device=label.device)
    rows = (pixel // width)[:, None] + step
    columns = (pixel % width)[:, None] + step
    index = torch.arange(count, device=label.device)
    window = label[
        index[:, None, None],
        hemisphere[:, None, None],
        rows.clamp(0, height - 1)[:, :, None],
        columns.clamp(0, width - 1)[:, None, :],
    ]
    return window.amax((1, 2)) > 0


def _of_all_processes(columns: dict[str, list[Any]]) -> dict[str, list[Any]]:
    shares: list[Any] = [None] * dist.get_world_size()
    dist.all_gather_object(shares, columns)
    names = dict.fromkeys(name for share in shares for name in share)
    return {name: [value for share in shares for value in share.get(name, [])] for name in names}


def _rounded(values: Tensor) -> list[float]:
    return [round(value, 3) for value in values.tolist()]


def _batched(tensor: Tensor) -> Tensor:
    return tensor if tensor.ndim == 4 else tensor[None]
