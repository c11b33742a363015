"""Add positions in the scanner's millimetres, volumes and the measurements of quality control to a scan's result."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from ..network.score import UNKNOWN
from .findings import find_places
from .peak_region import Point, to_scanner
from .summarise import AsymmetryResult

PUBLISHED_NAMES = {"affine_fault": "affine"}
"""Measurements that have another name in the published JSON."""

VOLUMES = ("left_ml", "right_ml", "asymmetry_index")
"""Measurements that are published as ``volumes``."""


def peak_in_scanner(result: AsymmetryResult, affine: Tensor) -> Point:
    """Return the peak in RAS mm, given the affine of the right hemisphere (voxel of the pair to RAS mm)."""
    channel, *peak = result["peak_voxel"]
    position = to_scanner(torch.tensor([peak]).numpy(), channel, affine)[0]
    return [round(float(v), 2) for v in position]


def add_geometry(result: AsymmetryResult, pred: Tensor, pair: Any) -> AsymmetryResult:
    """Add what the pair's affine and the measurements of quality control say.

    If the affine does not say which side is left, ``side`` is unknown, and all positions in the scanner are None.

    Args:
        result: see :func:`scripts.results.summarise.summarise`.
        pred: evidence map (2, H, W, Z), logits.
        pair: (2, H, W[, Z]) MetaTensor with ``meta["midline"]`` and, after quality control, ``meta["measurements"]``.

    Returns:
        A result with ``findings``, ``peak_ras_mm``, ``midline``, ``volumes`` and ``facts`` as well.
    """
    measurements, picture = pair.meta.get("measurements", {}), pair.ndim == 3
    side_known = not measurements.get("affine_fault")
    affine = torch.as_tensor(pair.affine, dtype=torch.float64)
    if picture:  # a single slice lies in a plane of its own
        affine = torch.block_diag(affine[:2, :2], torch.eye(2, dtype=torch.float64))
        affine[:2, 3] = torch.as_tensor(pair.affine, dtype=torch.float64)[:2, -1]
    channel, row, column, index = result["peak_voxel"]
    middle = pair.shape[2] / 2 - 0.5
    out: AsymmetryResult = {**result}
    for slice_ in out["slices"]:
        centre = to_scanner(torch.tensor([[-0.5, middle, slice_["index"]]]).numpy(), 1, affine)[0]
        slice_["centre_ras_mm"] = [round(float(v), 2) for v in centre] if side_known else None
    if not side_known:
        out["side"] = UNKNOWN
    out["peak_ras_mm"] = peak_in_scanner(result, affine) if side_known else None
    plain = torch.as_tensor(pair).reshape(pred.shape)
    out["findings"] = find_places(pred, plain, affine, (channel, row, column, index))
    for finding in out["findings"]:
        if not side_known:
            finding["side"] = UNKNOWN
            finding["centre_ras_mm"] = finding["peak_ras_mm"] = None
        if picture:
            finding["volume_mm3"] = None
    out["midline"] = dict(pair.meta.get("midline", {}))
    if measurements:
        asymmetry_index = measurements["asymmetry_index"]
        out["volumes"] = {
            "left_ml": round(measurements["left_ml"], 2) if side_known and not picture else None,
            "right_ml": round(measurements["right_ml"], 2) if side_known and not picture else None,
            "asymmetry_index": round(asymmetry_index, 4) if side_known else None,
            "absolute_asymmetry_index": round(abs(asymmetry_index), 4),
        }
        out["facts"] = {
            PUBLISHED_NAMES.get(key, key): round(v, 4) if isinstance(v, float) else v
            for key, v in measurements.items()
            if key not in out["midline"] and key not in VOLUMES
        }
    return out
