import json

import pytest
import torch

from scripts.network.score import OUTSIDE, UNKNOWN
from scripts.results.geometry import peak_in_scanner
from scripts.results.result import AsymmetryResultd
from scripts.results.summarise import summarise


@pytest.fixture
def scan():
    """Evidence and pair (2, 16, 32, 10): brain in all slices but the first two."""
    pair = torch.ones(2, 16, 32, 10)
    pair[..., :2] = 0
    pred = torch.where(pair != 0, torch.full_like(pair, -3.0), OUTSIDE)
    return pred, pair


@pytest.mark.parametrize(("channel", "side"), [(0, "left"), (1, "right")])
def test_side_and_peak(scan, channel, side):
    pred, pair = scan
    pred[channel, 4:8, 10:14, 6] = 5.0
    pred[channel, 5, 11, 6] = 6.0
    result = summarise(pred, pair, threshold=0.5)
    assert result["side"] == side
    assert result["peak_voxel"] == [channel, 5, 11, 6]
    assert [s["index"] for s in result["slices"]] == list(range(2, 10))
    assert max(result["slices"], key=lambda s: s["score"])["index"] == 6
    assert 0 <= result["score"] <= 1
    # In the scanner: 1 mm voxels, the right hemisphere starts at x = 100 mm, the left one goes the other way.
    affine = torch.eye(4)
    affine[0, 3] = 100
    x = 105.0 if side == "right" else 94.0
    assert peak_in_scanner(result, affine) == [x, 11.0, 6.0]


def test_mirrored_evidence_flips_the_side_and_keeps_the_score(scan):
    pred, pair = scan
    pred[0, 4:8, 10:14, 6] = 5.0
    plain, swapped = summarise(pred, pair), summarise(pred.flip(0), pair.flip(0))
    assert plain["score"] == swapped["score"]
    assert (plain["side"], swapped["side"]) == ("left", "right")
    assert plain["slices"] == swapped["slices"]


def test_equal_hemispheres_have_no_side(scan):
    assert summarise(*scan)["side"] == UNKNOWN


def test_result_is_plain_json_and_the_map_is_a_probability(scan):
    pred, pair = scan
    data = AsymmetryResultd(keys="pred", pair_key="image")({"pred": pred, "image": pair})
    assert json.loads(json.dumps(data["result"], allow_nan=False)) == data["result"]
    assert "not for clinical use" in data["result"]["note"]
    assert data["pred"].min() >= 0
    assert data["pred"].max() <= 1
