"""The verb ``federate``: several sites train one network with MONAI's federated client; no scan leaves its site."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch

from scripts.atomic_write import atomic_file

from . import ROOT

CONFIG = "configs/train.json"

Weights = dict[str, np.ndarray]
"""A state_dict as arrays."""


class Site:
    """One site: its scans, and MONAI's client that trains ``configs/train.json`` on them.

    Args:
        scans: a folder of scans or a datalist, as ``dataset_dir``.
        folder: for the files of the training. Its name is the name of the site.
        epochs: in each round.
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
        weights = self.client.get_weights().weights
        return {name: torch.as_tensor(value).cpu().numpy().copy() for name, value in weights.items()}

    def train(self, weights: Weights) -> tuple[Weights, int]:
        """Train one round, starting from ``weights``; return the new weights and the number of training steps."""
        from monai.fl.utils.constants import FlStatistics
        from monai.fl.utils.exchange_object import ExchangeObject

        self.client.train(ExchangeObject(weights=weights))
        stats = self.client.get_weights().statistics
        return self.weights(), int(stats[FlStatistics.NUM_EXECUTED_ITERATIONS])

    def evaluate(self, weights: Weights) -> float:
        """Return the AUC of ``weights`` on the site's validation subjects."""
        from monai.fl.utils.exchange_object import ExchangeObject

        return float(self.client.evaluate(ExchangeObject(weights=weights)).metrics["val_auc"])


def average(weights: Sequence[Weights], steps: Sequence[int]) -> Weights:
    """Return the mean of the sites' weights, weighted by their training steps; integers are those of the first site.

    Reference:
        McMahan B. et al., AISTATS 2017, arXiv:1602.05629.
    """
    shares = np.array(steps, dtype=np.float64) / sum(steps)
    mean = {}
    for name, first in weights[0].items():
        if np.issubdtype(first.dtype, np.floating):
            parts = (share * each[name].astype(np.float64) for share, each in zip(shares, weights, strict=True))
            mean[name] = np.asarray(sum(parts), dtype=first.dtype)
        else:
            mean[name] = first
    return mean


def federate(
    *sites: str, rounds: int = 3, epochs: int = 8, output: str = "federated.pt", **settings: Any
) -> dict[str, Any]:
    """Train one network on the scans of several sites by averaging their weights. All sites run in this process.

    Args:
        sites: for each site a folder of scans, or a datalist.
        rounds: number of times the sites' weights are averaged.
        epochs: of each site in a round.
        output: file for the shared weights. Predict with them by ``--ckpt_path``.
        settings: keys of ``configs/train.json`` with other values, for example ``--device "$torch.device('cpu')"``.

    Returns:
        ``weights``, the file, and ``auc``: for each round, the AUC of the shared weights on each site's validation
        subjects.

    Raises:
        ValueError: if there is no site.
    """
    if not sites:
        raise ValueError("No site. Give a folder of scans for each: python -m bundle federate SITE_A SITE_B.")
    options = {"epochs": rounds * epochs, **settings}  # the length of the schedules
    aucs = []
    with tempfile.TemporaryDirectory() as folder:
        members = [
            Site(str(scans), Path(folder) / f"site_{k}", epochs, options) for k, scans in enumerate(sites, start=1)
        ]
        shared = members[0].weights()
        for _ in range(rounds):
            trained, steps = zip(*(site.train(shared) for site in members), strict=True)
            shared = average(trained, steps)
            aucs.append([round(site.evaluate(shared), 4) for site in members])
        # Each evaluation has set a threshold on the normal slices of its site.
        evaluators: list[Any] = [site.client.evaluator for site in members]
        thresholds = [evaluator.network.threshold.cpu().numpy() for evaluator in evaluators]
        shared["threshold"] = np.asarray(np.mean(thresholds, axis=0), dtype=np.float32)
    with atomic_file(Path(output)) as partial:
        torch.save({name: torch.as_tensor(value) for name, value in shared.items()}, partial)
    return {"weights": output, "auc": aucs}
