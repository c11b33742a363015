import pytest
import torch

from scripts.evaluation.baseline import difference_score
from scripts.network.loss import AsymmetryLoss
from scripts.network.score import OUTSIDE


def example():
    pred = torch.full((2, 2, 16, 16), OUTSIDE)
    pred[:, :, 2:14, 2:14] = -4.0
    label = torch.zeros_like(pred)
    label[0, 0, 5:8, 5:8] = 1
    return pred, label


def test_right_evidence_costs_less_than_wrong():
    pred, label = example()
    right, wrong = pred.clone(), pred.clone()
    right[0, 0, 5:8, 5:8] = 6.0
    wrong[0, 1, 5:8, 5:8] = 6.0
    loss = AsymmetryLoss()
    assert loss(right, label) < loss(wrong, label)
    assert loss(right, label) < loss(pred, label)


def test_outside_of_the_brain_costs_nothing():
    pred, label = example()
    padded, padded_label = (torch.nn.functional.pad(t, (4, 4, 4, 4), value=v) for t, v in ((pred, OUTSIDE), (label, 0)))
    assert AsymmetryLoss()(pred, label).item() == pytest.approx(AsymmetryLoss()(padded, padded_label).item(), rel=1e-5)


def test_pixel_weight_zero_is_the_slice_alone():
    pred, label = example()
    moved = pred.clone()
    moved[0, 0, 5:8, 5:8], moved[0, 0, 8:11, 8:11] = 3.0, -4.0
    swapped = pred.clone()
    swapped[0, 1, 5:8, 5:8] = 3.0
    alone = AsymmetryLoss(pixel_weight=0)
    assert alone(moved, label).item() == pytest.approx(alone(swapped, label).item(), rel=1e-5)


def test_gradient_is_finite_where_a_slice_has_no_brain():
    pred = torch.full((1, 2, 8, 8), OUTSIDE, requires_grad=True)
    AsymmetryLoss()(pred, torch.zeros(1, 2, 8, 8)).backward()
    assert torch.isfinite(pred.grad).all()


def test_the_baseline_ignores_the_order_and_is_zero_for_equal_hemispheres(pairs):
    assert torch.allclose(difference_score(pairs), difference_score(pairs.flip(1)))
    same = pairs[:, :1].expand(-1, 2, -1, -1)
    assert difference_score(same).abs().max() == 0
    marked = same.clone()
    marked[:, 0, 30:50, 100:120] += 2
    assert (difference_score(marked) > 0.5).all()
