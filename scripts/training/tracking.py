"""What a tracked training shows beside its loss: what is seen at which size, the stage, and an example map."""

from __future__ import annotations

from typing import Any

import torch
from ignite.engine import Engine, Events
from monai.metrics import compute_roc_auc
from torch import Tensor

from ..evaluation.collect import CollectScores
from ..network.score import has_lesion

WINDOW = 6.0
"""From black to white in the picture, in units of the brain's intensities about their mean."""


class TrackSizes(CollectScores):
    """Put the AUC of every size, against the normal slices, among the metrics of an evaluator; a handler.

    TensorBoard, MLflow and the log write what stands there, each under ``<prefix>_<lesion_type>_<size>``. It must come
    before their handlers.

    Args:
        prefix: begins the names.
    """

    def __init__(self, prefix: str = "val_auc") -> None:
        super().__init__()
        self.prefix = prefix

    def attach(self, engine: Engine) -> None:
        """Collect every batch, and sum up at the end."""
        super().attach(engine)
        engine.add_event_handler(Events.EPOCH_COMPLETED, self._sum_up)

    def _sum_up(self, engine: Engine) -> None:
        table = self.table()
        lesion_types, sizes, scores = table["lesion_type"], table["size"].tolist(), table["score"]
        normal = scores[torch.tensor([lesion_type == "normal" for lesion_type in lesion_types])]
        for lesion_type, size in sorted(set(zip(lesion_types, sizes, strict=True))):
            if lesion_type == "normal" or len(normal) == 0:
                continue
            found = scores[torch.tensor([one == (lesion_type, size) for one in zip(lesion_types, sizes, strict=True)])]
            truth = torch.cat([torch.zeros(len(normal)), torch.ones(len(found))])
            auc: Any = compute_roc_auc(torch.cat([normal, found])[:, None], truth[:, None])
            engine.state.metrics[f"{self.prefix}_{lesion_type}_{size:g}"] = float(auc)


class ListOutput:
    """Give the handlers that come after this one the output as a list, as MONAI's engines that decollate do.

    ``--tracking mlflow`` appends one that reads the loss so. A batch of this trainer can't be decollated: it holds
    several slices of a scan, and each twice.
    """

    def attach(self, engine: Engine) -> None:
        """Subscribe to the end of every iteration."""
        engine.add_event_handler(Events.ITERATION_COMPLETED, self)

    def __call__(self, engine: Engine) -> None:
        state: Any = engine.state
        state.output = [state.output]


def example_map(output: Any) -> Tensor:
    """Return image, evidence as probability and lesion of the slice with the largest lesion, for a picture.

    Args:
        output: of an engine, with ``image``, ``pred`` and ``label`` (N, 2, H, W).

    Returns:
        (1, 1, 3 W, 2 H): the halves beside one another, the three below one another, front up.
    """
    items = output if isinstance(output, list) else [output]
    parts = [
        torch.cat([item[key] if item[key].ndim == 4 else item[key][None] for item in items]).float()
        for key in ("image", "pred", "label")
    ]
    chosen = int(parts[2].flatten(1).sum(1).argmax()) if has_lesion(parts[2]).any() else 0
    image, pred, label = (part[chosen].detach().cpu() for part in parts)
    grey = torch.where(image != 0, (image / WINDOW + 0.5).clamp(0, 1), 0)
    rows = [torch.cat([one[0].flip(0), one[1]], dim=0).T.flip(0) for one in (grey, torch.sigmoid(pred), label)]
    return torch.cat(rows)[None, None]
