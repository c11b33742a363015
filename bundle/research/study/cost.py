"""The cost of a network: its parameters, and how many pairs per second it trains on and scores."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from scripts.atomic_write import write_text

from ... import ROOT

REPEATS = 3
"""Timed batches; the fastest counts, since other work on the machine can only slow a batch down."""

COST = "cost.json"


def measure(overrides: dict[str, Any], folder: Path) -> dict[str, Any]:
    """Time the network of ``configs/train.json`` on random pairs of a batch's size, and write ``cost.json``.

    Args:
        overrides: of that config.
        folder: to write to.

    Returns:
        ``parameters``, ``trained`` and ``scored`` (pairs per second), and the ``device`` with its threads.
    """
    import torch
    from monai.bundle import ConfigParser

    parser = ConfigParser()
    parser.read_config(ROOT / "configs" / "train.json")
    parser.update(overrides)
    network, inferer, loss, optimizer, device, height_width, scans, slices = (
        parser.get_parsed_content(key)
        for key in (
            "network",
            "train::inferer",
            "train::loss",
            "optimizer",
            "device",
            "hemisphere_size",
            "scans_per_batch",
            "slices_per_scan",
        )
    )
    image = torch.randn(2 * scans * slices, 2, *height_width, device=device)
    label = (torch.rand_like(image) > 0.99).float()

    def train() -> None:
        optimizer.zero_grad()
        loss(inferer(image, network.train()), label).backward()
        optimizer.step()

    @torch.no_grad()
    def score() -> None:
        network.eval()(image)

    cost = {
        "parameters": sum(parameter.numel() for parameter in network.parameters()),
        "trained": len(image) / _fastest(train, device),
        "scored": len(image) / _fastest(score, device),
        "device": torch.cuda.get_device_name()
        if device.type == "cuda"
        else f"a CPU, threads: {torch.get_num_threads()}",
    }
    write_text(folder / COST, json.dumps(cost, indent=1) + "\n")
    return cost


def _fastest(step: Callable[[], None], device: Any) -> float:
    import torch

    seconds = []
    for _ in range(REPEATS + 1):  # the first warms up
        begin = time.perf_counter()
        step()
        if device.type == "cuda":
            torch.cuda.synchronize()
        seconds.append(time.perf_counter() - begin)
    return min(seconds[1:])
