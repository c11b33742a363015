"""The weights to ship: trained on all subjects, calibrated by the evidence of networks that have not seen them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch

from scripts.atomic_write import write_text
from scripts.data.scan import Scan
from scripts.training.evidence import Evidence

from .crossfit import calibrate
from .networks import SETTINGS, train_network
from .strips import SETTINGS as STRIP_SETTINGS
from .strips import train_strip, with_reference

SEED = 77
"""Of the synthetic head."""


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
    scans: Sequence[Scan],
    masks: Mapping[str, str],
    evidence: Sequence[Path],
    folder: Path,
    more: Sequence[Scan] = (),
    settings: Mapping[str, Any] | None = None,
    name: str = "real",
) -> Path:
    """Train a network on all scans, with the calibration and the threshold of the cross-validation.

    Args:
        scans: to learn from.
        masks: case -> brain mask, by a skull strip that has not seen the subject.
        evidence: of all folds and seeds, each on its test subjects.
        folder: of the cross-validation.
        more: further scans to learn from, with ``brain_mask``.
        settings: of the training, in place of those of ``networks.SETTINGS``.
        name: of the way of training.

    Returns:
        Its weights.
    """
    target = folder / "final" / name
    own = [{**scan, "brain_mask": masks[scan["case"]]} for scan in scans]
    tight = [with_reference(scan) for scan in scans]
    datalist = target / "datalist.json"
    others = _synthetic(folder)  # a training validates, but nothing is chosen by it here
    parts = {"training": [*own, *tight, *more], "validation": others, "test": others}
    write_text(datalist, json.dumps(parts, indent=1))
    train_network(datalist, target, folder / "pairs", {**SETTINGS, **(settings or {})})
    loaded = [Evidence(**torch.load(file, weights_only=True)) for file in evidence]
    weights = torch.load(target / "model.pt", map_location="cpu", weights_only=True)
    file = target / "calibrated.pt"
    torch.save(calibrate(loaded).apply(weights), file)
    return file


def _synthetic(folder: Path) -> list[Scan]:
    """Return a synthetic head, with its brain mask."""
    from scripts.data.datalist import scans
    from scripts.phantom.cohort import make_cohort

    heads = make_cohort(folder / "final" / "heads", subjects=1, seed=SEED, split="validation")
    return scans(str(heads))
