"""Cross-fitted calibration: scale, bias and threshold of a fold's network come from the test subjects of the others."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import torch
from ignite.engine import Engine, Events
from torch import Tensor, nn

from scripts.network.siamese import LIMIT
from scripts.training.calibrate import fit
from scripts.training.evidence import CollectEvidence, Evidence, joined

TARGET_FPR = 0.015
"""Share of normal slices that may score above the threshold."""


class WriteEvidence:
    """Write the evidence of an evaluation, as the network's own calibration returns it; a handler of an evaluator.

    Args:
        network: a :class:`scripts.network.siamese.SiameseNetwork`.
        file: to write.
    """

    def __init__(self, network: nn.Module, file: str) -> None:
        self.collect, self.file = CollectEvidence(network, calibrated=True), Path(file)

    def attach(self, engine: Engine) -> None:
        """Collect, and write at the end of the evaluation."""
        self.collect.attach(engine)
        engine.add_event_handler(Events.COMPLETED, self)

    def __call__(self, engine: Engine) -> None:
        self.file.parent.mkdir(parents=True, exist_ok=True)
        torch.save(self.collect.taken()._asdict(), self.file)


class Calibrated(NamedTuple):
    """A calibration on top of a network's own.

    Attributes:
        scale: of the evidence.
        bias: of the evidence.
        threshold: slice score that ``TARGET_FPR`` of the normal slices exceed.
    """

    scale: float
    bias: float
    threshold: float

    def apply(self, weights: dict[str, Tensor]) -> dict[str, Tensor]:
        """Return weights with this calibration and threshold."""
        new = dict(weights)
        new["calibration.scale"] = self.scale * weights["calibration.scale"]
        new["calibration.bias"] = self.scale * weights["calibration.bias"] + self.bias
        new["threshold"] = torch.full_like(weights["threshold"], self.threshold)
        return new


def calibrate(evidence: Sequence[Evidence], target_fpr: float = TARGET_FPR) -> Calibrated:
    """Fit a calibration to the evidence of networks that have not seen the subjects."""
    everything = joined(evidence)
    scale, bias = fit(everything, LIMIT)
    scores = torch.cat([chunk.scores(scale, bias, LIMIT) for chunk in everything.chunks()])
    normal = scores[everything.lesion == 0]
    return Calibrated(scale, bias, float(torch.quantile(normal, 1 - target_fpr)))


def crossfit(networks: Sequence[Path], evidence: Sequence[Path]) -> list[Path]:
    """Write the networks of all folds with a calibration from the other folds.

    Args:
        networks: weights of each fold.
        evidence: of each fold's test subjects.

    Returns:
        The calibrated weights of each fold, beside its evidence.
    """
    loaded: list[Any] = [Evidence(**torch.load(file, weights_only=True)) for file in evidence]
    files = []
    for k, network in enumerate(networks):
        weights = torch.load(network, map_location="cpu", weights_only=True)
        others = [values for other, values in enumerate(loaded) if other != k]
        file = evidence[k].with_name("model.pt")
        torch.save(calibrate(others).apply(weights), file)
        files.append(file)
    return files
