"""Part ``strip``: brain masks against a tight reference beside the scan."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import torch
from monai.data import MetaTensor

from scripts.io.affine import voxel_size
from scripts.skull_strip import SkullStrip
from scripts.skull_strip.given_mask import given_mask

from . import estimate
from .by_size import Rows, groups
from .dataset import Case
from .each_case import Measured, measure_each
from .voxels import read_scan

FAR_MM = 3.0
"""A mask that reaches farther than this beyond the reference holds more than the brain and its fluid."""

MEASURES = ("dice", "beyond", "missed")


def measure(cases: list[Case], folder: Path, at_once: int | None = None) -> Measured:
    """Strip every scan that has a reference; see :func:`summary`."""
    return measure_each(_scan, [case for case in cases if case["brain_mask"]], folder, at_once)


def summary(rows: Rows) -> dict[str, Any]:
    """Summarise what was measured.

    Returns:
        JSON-safe, for each group of scans: ``dice`` of mask and reference, ``dice_worst``; ``beyond``, the share of the
        mask's volume that lies more than ``FAR_MM`` outside the reference; ``missed``, the share of the reference that
        the mask leaves out.
    """
    return {name: _summary(part) for name, part in groups(rows).items()}


def compare_masks(mask: torch.Tensor, reference: torch.Tensor, spacing: Any) -> dict[str, float]:
    """Compare two masks (X, Y, Z), see :func:`summary`.

    Args:
        mask: of the skull strip.
        reference: not empty.
        spacing: voxel size along each axis, mm.
    """
    from scipy.ndimage import distance_transform_edt

    found, true = mask.numpy() > 0, reference.numpy() > 0
    far = distance_transform_edt(~true, sampling=spacing) > FAR_MM
    both, volume = float((found & true).sum()), float(found.sum())
    return {
        "dice": 2 * both / (volume + float(true.sum())),
        "beyond": float((found & far).sum()) / volume if volume else 0.0,
        "missed": 1 - both / float(true.sum()),
    }


def reference_mask(scan: MetaTensor, case: Case) -> torch.Tensor:
    """Return the tight reference of a scan on its grid, (X, Y, Z) boolean.

    Raises:
        ValueError: if it is empty.
    """
    reference = given_mask(scan, case["brain_mask"])
    if not bool(reference.any()):
        raise ValueError(f"{case['brain_mask']}: the reference holds no brain. Expected a mask of the scan's space.")
    return reference


def _summary(rows: Rows) -> dict[str, Any]:
    subjects, runs = [row["subject"] for row in rows], range(len(rows[0]["runs"]))
    means = {name: estimate.mean([[row["runs"][k][name] for row in rows] for k in runs], subjects) for name in MEASURES}
    worst = float(np.min([run["dice"] for row in rows for run in row["runs"]]))
    farthest = float(np.max([run["beyond"] for row in rows for run in row["runs"]]))
    return {"scans": len(rows), **means, "dice_worst": worst, "beyond_worst": farthest}


def _scan(case: Case) -> dict[str, Any]:
    """Strip a scan by the skull strip of each network."""
    scan = read_scan(case["image"])
    reference, sides = reference_mask(scan, case), voxel_size(scan.affine)
    found = {
        method: compare_masks(SkullStrip(method)(scan)[1][0].as_tensor(), reference, sides)
        for method in {network.skull_strip for network in case["networks"]}
    }
    return {"runs": [found[network.skull_strip] for network in case["networks"]]}
