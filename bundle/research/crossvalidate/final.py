"""The weights to ship, which have seen all subjects; the calibration is by networks that have not seen them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import torch
from torch import Tensor

from scripts.atomic_write import write_text
from scripts.data.scan import Scan
from scripts.training.evidence import Evidence

from .crossfit import calibrate
from .heads import LEARN_FROM
from .strips import SETTINGS as STRIP_SETTINGS
from .strips import train_strip, with_reference


def final_strip(scans: Sequence[Scan], folder: Path) -> Path:
    """Train a skull strip on all scans.

    Args:
        scans: each with a tight reference mask beside it.
        folder: of the cross-validation.

    Returns:
        Its weights.
    """
    file = folder / "final" / "skull_strip" / "skull_strip.pt"
    if not file.exists():
        heads = folder / "final" / "heads.json"
        write_text(heads, json.dumps({"training": [with_reference(scan) for scan in scans]}, indent=1))
        train_strip(heads, file, folder / "label_maps", dict(STRIP_SETTINGS))
    return file


def final_network(
    networks: Sequence[Path], evidence: Sequence[Path], folder: Path, learn_from: str = LEARN_FROM
) -> Path:
    """Average the networks of all folds and seeds, with the calibration and the threshold of the cross-validation.

    Networks that were fine-tuned from the same weights can be averaged, weight by weight: the mean is about as good as
    any of them, or better (Wortsman et al. 2022, "Model soups", arXiv:2203.05482). It has learnt from all subjects.

    Args:
        networks: of all folds and seeds, as trained.
        evidence: of each on its test subjects.
        folder: of the cross-validation.
        learn_from: what they learnt from, a key of ``heads.MATERIALS``.

    Returns:
        Its weights.
    """
    mean = average([torch.load(file, map_location="cpu", weights_only=True) for file in networks])
    loaded = [Evidence(**torch.load(file, weights_only=True)) for file in evidence]
    file = folder / "final" / learn_from / "model.pt"
    file.parent.mkdir(parents=True, exist_ok=True)
    torch.save(calibrate(loaded).apply(mean), file)
    return file


def average(weights: Sequence[dict[str, Tensor]]) -> dict[str, Tensor]:
    """Return the mean of the weights of networks of one architecture."""
    return {
        name: torch.stack([one[name].double() for one in weights]).mean(dim=0).to(first.dtype)
        for name, first in weights[0].items()
    }
