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

from ..disclaimer import RESEARCH_ONLY
from ..network.score import SIDES, UNKNOWN, scan_score, slice_scores
from ..preprocessing.slices import usable_slices
from .age import age_of, read_ages
from .geometry import describe
from .normative import compare, normal_scores, read_reference, sha256

SCHEMA_VERSION = "2.0"
"""Of ``docs/asymmetry.schema.json``; the first number rises when a key changes its meaning or goes."""

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
        JSON-safe: ``score`` and ``slices[].score`` as probabilities, ``slice_threshold`` on the same scale, ``side``
        (``left``, ``right``, or ``unknown`` where the halves say provenance the same) and ``peak_voxel``, its place in
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
        "slice_threshold": float(torch.sigmoid(torch.tensor(threshold))),
        "side": side,
        "slices": [{"index": int(z), "score": probability[int(z)]} for z in usable],
        "peak_voxel": [channel, row, column, int(usable[index])],
        "note": RESEARCH_ONLY,
    }


class AsymmetryResultd(MapTransform):
    """Put the summary of a scan at ``result`` and turn its evidence into a map of probabilities.

    Args:
        keys: of the evidence (2, H, W, Z), or (2, H, W) of a slice.
        pair_key: of the pair, with the affine of its right half.
        network: whose ``threshold`` counts where there is no file of weights; read at every call, since weights are
            loaded later.
        normative: file of a reference of normal scans, see ``scripts.results.normative``; None gives no percentile.
        weights: file of the network's weights, which must be those that the reference was made with. Its threshold
            counts: some hosts load weights into a network of their own.
        settings: of the preprocessing, which must be those as well.
        ages: table of the subjects' ages, see ``scripts.results.age``, for a reference that has ages; None has none.
    """

    def __init__(
        self,
        keys: KeysCollection,
        pair_key: str = "image",
        network: Any = None,
        normative: str | None = None,
        weights: str | None = None,
        settings: Mapping[str, Any] | None = None,
        ages: str | None = None,
    ) -> None:
        super().__init__(keys)
        self.pair_key, self.network, self.reference = pair_key, network, read_reference(normative)
        self.settings, self.ages = settings, read_ages(ages)
        file = Path(weights) if weights is not None and Path(weights).exists() else None
        self.weights = sha256(file) if file else ""
        self.threshold = torch.load(file, map_location="cpu", weights_only=True).get("threshold") if file else None

    def __call__(self, data: Mapping[Hashable, Any]) -> dict[Hashable, Any]:
        d = dict(data)
        pair = d[self.pair_key]
        stored = self.threshold if self.threshold is not None else getattr(self.network, "threshold", 0.0)
        for key in self.key_iterator(d):
            evidence, plain = (
                torch.as_tensor(v) if v.ndim == 4 else torch.as_tensor(v)[..., None] for v in (d[key], pair)
            )
            result = summarise(evidence, plain, float(stored))
            if hasattr(pair, "affine"):
                result = describe(result, evidence, pair)
                qc_flags = json.loads(pair.meta.get("qc_flags", "[]"))
                result["status"] = "warning" if qc_flags else "ok"
                result["reasons"] = qc_flags
                age = age_of(self.ages, d.get("subject", ""))
                result |= compare(result["score"], self.reference, self.weights, self.settings, age)
                d["normal_scores"] = normal_scores(self.reference, age)
            # Through JSON and back: hosts stumble over NumPy's numbers, and NaN must not leave here.
            d["result"] = json.loads(json.dumps({"schema_version": SCHEMA_VERSION, **result}, allow_nan=False))
            d[key] = torch.sigmoid(torch.as_tensor(d[key]))
        return d
