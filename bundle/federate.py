"""The verb ``federate``: several sites train one network with MONAI's federated client, and no scan leaves its site."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch

from scripts.atomic_write import whole_file

from . import ROOT

CONFIG = "configs/train.json"

Weights = dict[str, np.ndarray]


class Site:
    """One site: its scans, and MONAI's client that trains ``configs/train.json`` on them.

    Args:
        scans: as ``dataset_dir``.
        folder: for what training writes.
        epochs: of each round.
        settings: keys of ``configs/train.json`` with other values.
    """

    def __init__(self, scans: str, folder: Path, epochs: int, settings: dict[str, Any]) -> None:
        from monai.fl.client import MonaiAlgo
        from monai.fl.utils.constants import ExtraItems

        paths = {"bundle_root": str(ROOT), "dataset_dir": scans, "ckpt_dir": str(folder), "output_dir": str(folder)}
        options = {**paths, **settings}
        self.client = MonaiAlgo(
            str(ROOT),
            local_epochs=epochs,
            send_weight_diff=False,
            config_train_filename=CONFIG,
            train_kwargs=dict(options),
            config_evaluate_filename=CONFIG,
            eval_kwargs=dict(options),
        )
        self.client.initialize(extra={ExtraItems.CLIENT_NAME: folder.name})

    def weights(self) -> Weights:
        """Return a copy of the site's weights."""
        found = self.client.get_weights().weights
        return {name: torch.as_tensor(value).cpu().numpy().copy() for name, value in found.items()}

    def train(self, weights: Weights) -> tuple[Weights, int]:
        """Train one round on from ``weights``; return the new ones, and how many steps they took."""
        from monai.fl.utils.constants import FlStatistics
        from monai.fl.utils.exchange_object import ExchangeObject

        self.client.train(ExchangeObject(weights=weights))
        stats = self.client.get_weights().statistics
        return self.weights(), int(stats[FlStatistics.NUM_EXECUTED_ITERATIONS])

    def evaluate(self, weights: Weights) -> float:
        """Return the AUC that ``weights`` reach on the site's validation subjects."""
        from monai.fl.utils.exchange_object import ExchangeObject

        return float(self.client.evaluate(ExchangeObject(weights=weights)).metrics["val_auc"])


def average(weights: Sequence[Weights], steps: Sequence[int]) -> Weights:
    """Return the mean of weights, each counted by its steps; counters are those of the first.

    Reference:
        McMahan B. et al., AISTATS 2017, arXiv:1602.05629.
    """
    shares = np.array(steps, dtype=np.float64) / sum(steps)
    mean = {}
    for name, first in weights[0].items():
        if np.issubdtype(first.dtype, np.floating):
            parts = (share * one[name].astype(np.float64) for share, one in zip(shares, weights, strict=True))
            mean[name] = np.asarray(sum(parts), dtype=first.dtype)
        else:
            mean[name] = first
    return mean


def federate(
    *sites: str, rounds: int = 3, epochs: int = 8, output: str = "federated.pt", **settings: Any
) -> dict[str, Any]:
    """Train one network on the scans of several sites, one after the other in this process, by averaging weights.

    Args:
        sites: a folder of scans, or a datalist, for each.
        rounds: how often the sites' weights are averaged.
        epochs: that each site trains in a round.
        output: the shared weights; then ``--ckpt_path`` of inference.
        settings: keys of ``configs/train.json`` with other values, for example ``--device "$torch.device('cpu')"``.

    Returns:
        ``auc``, for each round what the shared weights reach on each site's validation subjects.

    Raises:
        ValueError: without a site.
    """
    if not sites:
        raise ValueError("No site. Give a folder of scans for each: python -m bundle federate SITE_A SITE_B.")
    options = {"epochs": rounds * epochs, **settings}  # the length of the schedules
    aucs = []
    with tempfile.TemporaryDirectory() as folder:
        joined = [
            Site(str(scans), Path(folder) / f"site_{k}", epochs, options) for k, scans in enumerate(sites, start=1)
        ]
        shared = joined[0].weights()
        for _ in range(rounds):
            trained, steps = zip(*(site.train(shared) for site in joined), strict=True)
            shared = average(trained, steps)
            aucs.append([round(site.evaluate(shared), 4) for site in joined])
        # Each evaluation has set a threshold on its site's normal slices.
        thresholds = [site.client.evaluator.network.threshold.cpu().numpy() for site in joined]
        shared["threshold"] = np.asarray(np.mean(thresholds, axis=0), dtype=np.float32)
    with whole_file(Path(output)) as partial:
        torch.save({name: torch.as_tensor(value) for name, value in shared.items()}, partial)
    return {"weights": output, "auc": aucs}
