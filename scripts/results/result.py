"""The last transform of inference: the result of a scan, and its map as probabilities."""

from __future__ import annotations

import json
from collections.abc import Hashable, Mapping
from typing import Any

import torch
from monai.config import KeysCollection
from monai.transforms import MapTransform

from ..network.score import SIDES
from ..network.weights import Weights
from .age import age_of, read_ages
from .comparison import UNKNOWN, VOLUMES, compare, finding_p
from .findings import MUCH_P, Finding
from .geometry import add_geometry
from .reference import normal_scores, read_reference
from .summarise import AsymmetryResult, summarise

SCHEMA_VERSION = "3.0"
"""Of ``docs/asymmetry.schema.json``. The first number rises when a key is removed or changes its meaning."""


class AsymmetryResultd(MapTransform):
    """Put the result of a scan at ``result``, and turn its evidence map into a map of probabilities.

    Args:
        keys: of the evidence map (2, H, W, Z), or (2, H, W) of a single slice.
        pair_key: of the pair, with the affine of its right hemisphere.
        normative: file of a reference of normal scans, see ``scripts.results.reference``; None: no comparison.
        weights: file of the network's weights. Its threshold is used, because some hosts load the weights into a
            network of their own. Its SHA-256 must be that of the reference. None: a threshold of 0.
        settings: of the preprocessing, which must be those of the reference, too.
        ages: table of the subjects' ages, see ``scripts.results.age``, for a reference with ages; None: no ages.
    """

    def __init__(
        self,
        keys: KeysCollection,
        pair_key: str = "image",
        normative: str | None = None,
        weights: Weights | None = None,
        settings: Mapping[str, Any] | None = None,
        ages: str | None = None,
    ) -> None:
        super().__init__(keys)
        self.pair_key, self.weights, self.settings = pair_key, weights, settings
        self.reference, self.ages = read_reference(normative), read_ages(ages)

    def __call__(self, data: Mapping[Hashable, Any]) -> dict[Hashable, Any]:
        d = dict(data)
        pair = d[self.pair_key]
        threshold, sha256 = (self.weights.threshold, self.weights.sha256) if self.weights else (0.0, "")
        for key in self.key_iterator(d):
            evidence, plain = (
                torch.as_tensor(v) if v.ndim == 4 else torch.as_tensor(v)[..., None] for v in (d[key], pair)
            )
            result: dict[str, Any] = {**summarise(evidence, plain, threshold)}
            if hasattr(pair, "affine"):
                result = {**add_geometry(result, evidence, pair)}  # type: ignore[arg-type]
                qc_flags = json.loads(pair.meta.get("qc_flags", "[]"))
                result |= {"status": "warning" if qc_flags else "ok", "reasons": qc_flags}
                age = age_of(self.ages, d.get("subject", ""))
                result = {**self.compared(result, sha256, age)}  # type: ignore[arg-type]
                d["normal_scores"] = normal_scores(self.reference, age)
            # Through JSON and back: hosts cannot handle NumPy's numbers, and NaN must not be passed on.
            d["result"] = json.loads(json.dumps({"schema_version": SCHEMA_VERSION, **result}, allow_nan=False))
            d[key] = torch.sigmoid(torch.as_tensor(d[key]))
        return d

    def compared(self, result: AsymmetryResult, sha256: str, age: float | None) -> AsymmetryResult:
        """Add the comparison with the reference, and what it says of the side and of the findings.

        Args:
            result: with ``reasons`` and, after quality control, ``volumes``.
            sha256: of the network's weights.
            age: at scan; None if unknown.
        """
        volumes, codes = result.get("volumes"), [reason["code"] for reason in result["reasons"]]
        index = volumes and volumes["absolute_asymmetry_index"]
        comparison = compare(result["score"] or 0.0, self.reference, index, sha256, self.settings, age, codes)
        out: AsymmetryResult = {**result, "comparison": comparison}
        if comparison["rests_on"] == VOLUMES and volumes and volumes["asymmetry_index"]:
            out["side"] = SIDES[int(volumes["asymmetry_index"] < 0)]
        if comparison["word"] != UNKNOWN:
            placed: list[Finding] = [
                {**finding, "p": finding_p(finding["peak_probability"], self.reference)} for finding in out["findings"]
            ]
            out["findings"] = [finding for finding in placed if finding["p"] is None or finding["p"] < MUCH_P]
        return out
