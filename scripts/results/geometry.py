"""What the scanner's millimetres and the facts found on the way add to the summary of a scan."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from ..network.score import UNKNOWN
from .peak_region import find_place, to_scanner

PUBLISHED_NAMES = {"affine_fault": "affine"}
"""Measurements that the published JSON calls otherwise."""


def peak_in_scanner(result: dict[str, Any], affine: Tensor) -> list[float]:
    """Return where the peak lies, in RAS mm, given the affine of the right half (pair voxel → RAS mm)."""
    channel, *peak = result["peak_voxel"]
    place = to_scanner(torch.tensor([peak]).numpy(), channel, affine)[0]
    return [round(float(v), 2) for v in place]


def describe(result: dict[str, Any], pred: Tensor, pair: Any) -> dict[str, Any]:
    """Add to a summary what the pair's affine and what was found on the way say.

    Where the affine says nothing about left and right, ``side`` is unknown, and so is all that names a side or a place
    in the scanner.

    Args:
        result: of :func:`summarise`.
        pred: evidence (2, H, W, Z), logits.
        pair: (2, H, W[, Z]) MetaTensor with ``meta["midline"]`` and, where quality was controlled,
            ``meta["measurements"]``.

    Returns:
        JSON-safe, see ``docs/output.md``.
    """
    measurements, picture = pair.meta.get("measurements", {}), pair.ndim == 3
    known = not measurements.get("affine_fault")
    affine = torch.as_tensor(pair.affine, dtype=torch.float64)
    if picture:  # a slice lies in a plane of its own
        affine = torch.block_diag(affine[:2, :2], torch.eye(2, dtype=torch.float64))
        affine[:2, 3] = torch.as_tensor(pair.affine, dtype=torch.float64)[:2, -1]
    channel, row, column, index = result["peak_voxel"]
    middle = [pair.shape[2] / 2 - 0.5]
    out = dict(result)
    for one in out["slices"]:
        place = to_scanner(torch.tensor([[-0.5, *middle, one["index"]]]).numpy(), 1, affine)[0]
        one["centre_ras_mm"] = [round(float(v), 2) for v in place] if known else None
    if not known:
        out["side"] = UNKNOWN
    out["peak_ras_mm"] = peak_in_scanner(result, affine) if known else None
    place = find_place(pred, affine, channel, (row, column, index))
    if not known:
        place["centre_ras_mm"] = place["peak_ras_mm"] = None
    if picture:
        place["volume_mm3"] = None
    out["where"] = {"side": out["side"], **place} if out["score"] > out["slice_threshold"] else None
    out["midline"] = dict(pair.meta.get("midline", {}))
    if measurements:
        out["volumes"] = {
            "left_ml": round(measurements["left_ml"], 2) if known and not picture else None,
            "right_ml": round(measurements["right_ml"], 2) if known and not picture else None,
            "asymmetry_index": round(measurements["asymmetry_index"], 4) if known else None,
            "absolute_asymmetry_index": round(abs(measurements["asymmetry_index"]), 4),
        }
        names = ("left_ml", "right_ml", "asymmetry_index")
        out["facts"] = {
            PUBLISHED_NAMES.get(key, key): round(v, 4) if isinstance(v, float) else v
            for key, v in measurements.items()
            if key not in out["midline"] and key not in names
        }
    return out
