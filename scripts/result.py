"""What one scan's evidence says, as plain JSON: scores, side, place; and the map that goes back to the scan."""

from __future__ import annotations

import json
from collections.abc import Hashable, Mapping
from pathlib import Path
from typing import Any

import torch
from monai.config import KeysCollection
from monai.transforms import MapTransform
from torch import Tensor

from .normative import compare, read_reference, sha256
from .score import UNKNOWN, scan_score, slice_scores
from .slices import usable_slices
from .where import find_place, to_scanner

SCHEMA_VERSION = "1.0"
"""Of ``docs/asymmetry.schema.json``; the first number rises when a key changes its meaning or goes."""

RESEARCH_ONLY = "Research use only, not for clinical use."
SIDES = ("left", "right")
SIDE_MARGIN = 0.1
"""The halves' scores (logits) must differ by this much for a side to be named; the noise of a symmetric head is
below."""


def summarise(pred: Tensor, pair: Tensor, threshold: float = 0.0) -> dict[str, Any]:
    """Summarise the evidence of a scan.

    Args:
        pred: evidence (2, H, W, Z), logits.
        pair: the pair (2, H, W, Z) that it is of; channel 0 the patient's left.
        threshold: slice score (a logit) above which a slice is called asymmetric.

    Returns:
        JSON-safe: ``score`` and ``slices[].score`` as probabilities, ``threshold`` on the same scale, ``side``
        (``left``, ``right``, or ``unknown`` where the halves say about the same) and ``peak_voxel``, its place in
        the pair: (channel, H, W, Z).
    """
    scores = slice_scores(pred.movedim(-1, 0))  # (Z,)
    usable = usable_slices(pair)
    scan = scan_score(scores[usable])
    top = usable[scores[usable].topk(min(3, len(usable))).indices]
    halves = [scan_score(slice_scores(pred[c : c + 1].movedim(-1, 0))[top]) for c in (0, 1)]
    side = UNKNOWN if abs(halves[0] - halves[1]) < SIDE_MARGIN else SIDES[int(halves[1] > halves[0])]
    channel = int(halves[1] > halves[0])
    peak = int(pred[channel][..., usable].argmax())
    row, column, index = (int(i) for i in torch.unravel_index(torch.tensor(peak), pred[channel][..., usable].shape))
    probability = torch.sigmoid(scores).tolist()
    return {
        "score": float(torch.sigmoid(torch.tensor(scan))),
        "threshold": float(torch.sigmoid(torch.tensor(threshold))),
        "above_threshold": bool(scan > threshold),
        "side": side,
        "slices": [{"index": int(z), "score": probability[int(z)]} for z in usable],
        "peak_voxel": [channel, row, column, int(usable[index])],
        "note": RESEARCH_ONLY,
    }


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
        pair: (2, H, W[, Z]) MetaTensor with ``meta["midline"]`` and, where quality was controlled, ``meta["facts"]``.

    Returns:
        JSON-safe, see ``docs/output.md``.
    """
    facts, picture = pair.meta.get("facts", {}), pair.ndim == 3
    known = not facts.get("affine")
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
    out["where"] = {"side": out["side"], **place} if out["above_threshold"] else None
    out["midline"] = dict(pair.meta.get("midline", {}))
    if facts:
        out["volumes"] = {
            "left_ml": round(facts["left_ml"], 2) if known and not picture else None,
            "right_ml": round(facts["right_ml"], 2) if known and not picture else None,
            "asymmetry_index": round(facts["asymmetry_index"], 4) if known else None,
            "absolute_asymmetry_index": round(abs(facts["asymmetry_index"]), 4),
        }
        names = ("left_ml", "right_ml", "asymmetry_index")
        out["facts"] = {
            key: round(v, 4) if isinstance(v, float) else v
            for key, v in facts.items()
            if key not in out["midline"] and key not in names
        }
    return out


class AsymmetryResultd(MapTransform):
    """Put the summary of a scan at ``result`` and turn its evidence into a map of probabilities.

    Args:
        keys: of the evidence (2, H, W, Z), or (2, H, W) of a slice.
        pair_key: of the pair, with the affine of its right half.
        network: whose ``threshold`` counts; read at every call, since weights are loaded later.
        normative: file of a reference of normal scans, see ``scripts.normative``; None gives no percentile.
        weights: file of the network's weights, which must be those that the reference was made with.
    """

    def __init__(
        self,
        keys: KeysCollection,
        pair_key: str = "image",
        network: Any = None,
        normative: str | None = None,
        weights: str | None = None,
    ) -> None:
        super().__init__(keys)
        self.pair_key, self.network, self.reference = pair_key, network, read_reference(normative)
        self.weights = sha256(Path(weights)) if weights is not None and Path(weights).exists() else ""

    def __call__(self, data: Mapping[Hashable, Any]) -> dict[Hashable, Any]:
        d = dict(data)
        pair = d[self.pair_key]
        threshold = 0.0 if self.network is None else float(self.network.threshold)
        for key in self.key_iterator(d):
            evidence, plain = (
                torch.as_tensor(v) if v.ndim == 4 else torch.as_tensor(v)[..., None] for v in (d[key], pair)
            )
            result = summarise(evidence, plain, threshold)
            if hasattr(pair, "affine"):
                result = describe(result, evidence, pair)
                reasons = json.loads(pair.meta.get("reasons", "[]"))
                result["status"] = "warning" if reasons else "ok"
                result["reasons"] = reasons
                result["percentile"] = compare(result["score"], self.reference, self.weights)
            d["result"] = {"schema_version": SCHEMA_VERSION, **result}
            d[key] = torch.sigmoid(torch.as_tensor(d[key]))
        return d
