"""What a tracked training shows beside its loss: the AUC of each lesion size, and an example map."""

from __future__ import annotations

from typing import Any

import torch
from ignite.engine import Engine, Events
from monai.metrics import compute_roc_auc
from torch import Tensor

from ..evaluation.collect import CollectScores
from ..network.score import has_lesion

WINDOW = 6.0
"""From black to white in the picture, in standard deviations of the brain's intensities around their mean."""


class TrackSizes(CollectScores):
    """Add the AUC of every lesion size, against the normal slices, to the metrics of an evaluator; a handler.

    TensorBoard, MLflow and the log write these metrics as ``<prefix>_<lesion_type>_<size>``. It must come before their
    handlers.

    Args:
        prefix: begins the names.
    """

    def __init__(self, prefix: str = "val_auc") -> None:
        super().__init__()
        self.prefix = prefix

    def attach(self, engine: Engine) -> None:
        """Collect every batch, and compute the metrics at the end."""
        super().attach(engine)
        engine.add_event_handler(Events.EPOCH_COMPLETED, self._add_metrics)

    def _add_metrics(self, engine: Engine) -> None:
        table = self.table()
        scores = table["score"]
        conditions = list(zip(table["lesion_type"], table["size"].tolist(), strict=True))
        normal = scores[torch.tensor([lesion_type == "normal" for lesion_type, _ in conditions])]
        for condition in sorted(set(conditions)):
            lesion_type, size = condition
            if lesion_type == "normal" or len(normal) == 0:
                continue
            lesion = scores[torch.tensor([each == condition for each in conditions])]
            truth = torch.cat([torch.zeros(len(normal)), torch.ones(len(lesion))])
            auc: Any = compute_roc_auc(torch.cat([normal, lesion])[:, None], truth[:, None])
            engine.state.metrics[f"{self.prefix}_{lesion_type}_{size:g}"] = float(auc)


class ListOutput:
    """Turn the trainer's output into a list for the handlers after this one, as MONAI's decollating engines do.

    ``--tracking mlflow`` appends a handler that reads the loss from such a list. This trainer's batches can't be
    decollated: they hold several slices of a scan, and each slice twice.
    """

    def attach(self, engine: Engine) -> None:
        """Subscribe to the end of every iteration."""
        engine.add_event_handler(Events.ITERATION_COMPLETED, self)

    def __call__(self, engine: Engine) -> None:
        state: Any = engine.state
        state.output = [state.output]


def example_map(output: Any) -> Tensor:
    """Return image, evidence map and lesion mask of the slice with the largest lesion, as a picture.

    Args:
        output: of an engine, with ``image``, ``pred`` and ``label`` (N, 2, H, W).

    Returns:
        (1, 1, 3 W, 2 H): image, evidence as probability and lesion mask below one another. In each the left hemisphere
        is on the left, anterior is up.
    """
    items = output if isinstance(output, list) else [output]
    parts = [
        torch.cat([item[key] if item[key].ndim == 4 else item[key][None] for item in items]).float()
        for key in ("image", "pred", "label")
    ]
    chosen = int(parts[2].flatten(1).sum(1).argmax()) if has_lesion(parts[2]).any() else 0
    image, pred, label = (part[chosen].detach().cpu() for part in parts)
    grey = torch.where(image != 0, (image / WINDOW + 0.5).clamp(0, 1), 0)
    rows = [torch.cat([left.flip(0), right], dim=0).T.flip(0) for left, right in (grey, torch.sigmoid(pred), label)]
    return torch.cat(rows)[None, None]
