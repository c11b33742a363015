import pytest
import torch

from scripts.network.score import (
    OUTSIDE,
    SHARPNESS,
    has_lesion,
    highest_slices,
    scan_score,
    scores_and_labels,
    slice_scores,
    with_scores,
)


def evidence(*peaks, size=(2, 8, 8), base=-3.0):
    pred = torch.full((1, *size), base)
    for channel, row, column, value in peaks:
        pred[0, channel, row, column] = value
    return pred


def test_score_lies_between_mean_and_maximum():
    pred = torch.randn(5, 2, 8, 8)
    scores = slice_scores(pred)
    assert (scores > pred.flatten(1).mean(1)).all()
    assert (scores < pred.flatten(1).amax(1)).all()


def test_outside_does_not_count():
    pred = torch.randn(1, 2, 8, 8)
    padded = torch.full((1, 2, 20, 20), OUTSIDE)
    padded[:, :, 3:11, 5:13] = pred
    assert slice_scores(padded).item() == pytest.approx(slice_scores(pred).item(), abs=1e-5)


def test_empty_slice_is_outside_and_never_nan():
    assert slice_scores(torch.full((1, 2, 4, 4), OUTSIDE)).item() == OUTSIDE


def test_swapping_the_hemispheres_changes_nothing():
    pred = torch.randn(5, 2, 8, 8)
    assert torch.equal(slice_scores(pred), slice_scores(pred.flip(1)))


@pytest.mark.parametrize("channel", [0, 1])
def test_leading_channel(channel):
    assert with_scores({"pred": evidence((channel, 2, 2, 4.0))})["leading_channel"].tolist() == [channel]
    assert with_scores({"pred": evidence()})["leading_channel"].tolist() == [-1]


def test_scan_score_is_the_highest_mean_of_neighbours():
    scores = torch.tensor([0.0, 9.0, 0.0, 0.0, 0.0, 3.0, 3.0, 3.0, 3.0, 3.0])
    assert highest_slices(scores) == slice(5, 10), "a single slice counts less than several"
    assert scan_score(scores) == scan_score(scores.flip(0)) == 3.0
    assert scan_score(scores[:2]) == 4.5, "of few slices all"
    assert scan_score(scores[1:2]) == 9.0


def test_labels():
    label = torch.zeros(2, 2, 4, 4)
    label[1, 0, 1, 1] = 1
    assert has_lesion(label).tolist() == [0.0, 1.0]


def test_scores_beside_the_evidence_are_the_log_mean_exp():
    pred = torch.cat([evidence(), evidence((0, 2, 2, 4.0)), evidence((1, 2, 2, 4.0))])
    pred[2, 0] = OUTSIDE  # a hemisphere without brain
    output = with_scores({"pred": pred, "label": torch.zeros_like(pred)})
    brains = [evidence_map[evidence_map > OUTSIDE / 2].double() for evidence_map in pred]
    expected = [float((SHARPNESS * brain).exp().mean().log()) / SHARPNESS for brain in brains]
    assert output["score"].tolist() == pytest.approx(expected, abs=1e-5)
    assert output["leading_channel"].tolist() == [-1, 0, 1]
    assert with_scores(output) is output
    assert torch.equal(scores_and_labels(output)[0], output["score"])


def test_a_hemisphere_without_brain_leaves_the_gradient_finite():
    pred = torch.zeros(1, 2, 4, 4)
    pred[:, 1] = OUTSIDE
    slice_scores(pred.requires_grad_()).sum().backward()
    assert torch.isfinite(pred.grad).all() and pred.grad[0, 0].sum() == pytest.approx(1, abs=1e-5)
