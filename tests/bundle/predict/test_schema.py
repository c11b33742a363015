"""Every result is valid by its schema, also that of a failed scan."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import torch
from monai.data import MetaTensor

from bundle.predict.scan_result import failed_result, scan_result
from scripts.io.errors import ScanError
from scripts.network.score import OUTSIDE
from scripts.quality.rules import AFFINES
from scripts.results.result import AsymmetryResultd
from tests.conftest import ROOT

SCHEMA = json.loads((ROOT / "docs" / "asymmetry.schema.json").read_text())
ITEM = {"image": "/data/baby 1.nii.gz", "case": "baby 1", "subject": "baby 1", "hidden": False}
PROVENANCE: dict[str, Any] = {
    "versions": {"torch": "2"},
    "device": "cpu",
    "seed": 0,
    "sha256": {},
    "settings": {},
    "seconds": {"load": 1.0},
}
MEASUREMENTS = {"left_ml": 200.0, "right_ml": 190.0, "asymmetry_index": 0.0256, "noise": 0.05, "spacing_mm": 1.0}
MIDLINE = {"yaw": 1.0, "roll": 2.0, "offset": 0.5, "similarity": 0.7, "point": [0.0, 0, 0], "normal": [1.0, 0, 0]}


def scored(
    affine: str = "", picture: bool = False, peak: float = 6.0, normative: Path | None = None, channel: int = 0
) -> dict[str, Any]:
    pair = torch.ones(2, 16, 32, 10)
    pred = torch.where(pair != 0, torch.full_like(pair, -3.0), OUTSIDE)
    pred[channel, 4:8, 10:14, 5:8] = peak
    if picture:
        pair, pred = pair[..., 5], pred[..., 5]
    image = MetaTensor(pair, affine=torch.eye(4, dtype=torch.float64))
    image.meta |= {"midline": MIDLINE, "measurements": {"affine_fault": affine, **MEASUREMENTS}, "qc_flags": "[]"}
    made = AsymmetryResultd(keys="pred", pair_key="image", normative=normative)
    return made({"pred": MetaTensor(pred), "image": image})


@pytest.mark.parametrize("affine", ["", *AFFINES])
@pytest.mark.parametrize("peak", [6.0, -3.0])
def test_a_result_is_valid(affine: str, peak: float) -> None:
    result = scan_result(ITEM, scored(affine, picture=affine == "picture", peak=peak), PROVENANCE)
    jsonschema.validate(json.loads(json.dumps(result, allow_nan=False)), SCHEMA)
    assert result["seed"] == 0
    assert len(result["findings"]) == (peak > 0)
    if affine:
        assert result["side"] == "unknown"
        assert result["peak_ras_mm"] is None
        assert result["volumes"]["left_ml"] is result["volumes"]["right_ml"] is None


@pytest.mark.parametrize(
    ("scores", "word"), [([0.1] * 20, "very unusual"), ([0.9999] * 20, "typical"), ([0.1] * 19, "unknown")]
)
def test_a_scan_is_compared_with_normal_scans(scores: list[float], word: str, tmp_path: Path) -> None:
    (tmp_path / "normative.json").write_text(json.dumps({"scores": scores}))
    result = scan_result(ITEM, scored(normative=tmp_path / "normative.json"), PROVENANCE)
    jsonschema.validate(json.loads(json.dumps(result, allow_nan=False)), SCHEMA)
    assert result["comparison"]["word"] == word
    assert result["findings"][0]["p"] is None, "this reference has no peaks"
    assert result["side"] == "left"


@pytest.mark.parametrize(("peaks", "listed"), [(0.1, 1), (0.9999, 0)])
def test_a_place_that_normal_scans_have_too_is_not_listed(peaks: float, listed: int, tmp_path: Path) -> None:
    (tmp_path / "normative.json").write_text(json.dumps({"scores": [0.1] * 20, "peaks": [peaks] * 20}))
    assert len(scored(normative=tmp_path / "normative.json")["result"]["findings"]) == listed


def test_the_side_is_that_of_the_larger_hemisphere_where_the_volumes_decide(tmp_path: Path) -> None:
    normal = {"scores": [0.9999] * 20, "asymmetry_indices": [0.001] * 20}
    (tmp_path / "normative.json").write_text(json.dumps(normal))
    result = scored(normative=tmp_path / "normative.json", channel=1)["result"]
    assert result["comparison"]["rests_on"] == "volumes" and result["volumes"]["asymmetry_index"] > 0
    assert result["side"] == "left"
    unsure = scored("no_affine", normative=tmp_path / "normative.json")["result"]
    assert unsure["comparison"]["rests_on"] == "volumes" and unsure["side"] == "unknown"


def test_a_failed_result_is_valid_and_has_no_number() -> None:
    error = ScanError("empty", "/data/baby 1.nii.gz: every voxel has the value 0.")
    result = failed_result(ITEM, error, PROVENANCE)
    jsonschema.validate(result, SCHEMA)
    assert result["score"] is None
    assert result["reasons"][0]["message"] == "baby 1.nii.gz: every voxel has the value 0."
    hidden = failed_result({**ITEM, "case": "dicom-1a2b3c", "hidden": True}, error, PROVENANCE)
    assert "baby" not in hidden["reasons"][0]["message"]


def test_the_schema_rejects_wrong_values() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    good = scan_result(ITEM, scored(), PROVENANCE)
    for change in ({"side": "links"}, {"score": 1.2}, {"status": "failed"}, {"note": ""}, {"comparison": {}}):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate({**good, **change}, SCHEMA)


def test_the_peak_region_is_that_of_the_evidence() -> None:
    (where,) = scored()["result"]["findings"]
    # 4 x 4 x 3 voxels of 1 mm in the left hemisphere, which counts from the midline to the left.
    assert where["side"] == "left"
    assert where["volume_mm3"] == 48
    assert where["area_mm2"] == [{"slice": z, "area": 16.0} for z in (5, 6, 7)]
    assert where["centre_ras_mm"] == [-6.5, 11.5, 6.0]
