"""Known location: the evidence within the lesion's outline, with the lesion and without, and nothing else."""

import pytest
import torch

from scripts.evaluation.known_location import evidence_at_lesion


def batch(seed=0):
    random = torch.Generator().manual_seed(seed)
    label = torch.zeros(4, 2, 12, 10)
    label[2, 1, 3:6, 4:6] = 1
    label[3, 0, 0, 9] = 1  # in a corner, of a single pixel
    return (
        torch.randn(4, 2, 12, 10, generator=random),
        label,
        ["normal", "normal", "physical", "physical"],
        [0, 1, 1, 0],
    )


@pytest.mark.parametrize("seed", range(4))
def test_the_mean_evidence_within_the_outline_with_and_without(seed):
    pred, label, lesion_types, rows = batch(seed)
    with_lesion, normal = evidence_at_lesion(pred, label, lesion_types, rows)
    assert with_lesion[:2] == [None, None] == normal[:2], "a slice without a lesion has no outline"
    assert with_lesion[2] == pytest.approx(float(pred[2, 1, 3:6, 4:6].mean()), rel=1e-5)
    assert normal[2] == pytest.approx(float(pred[1, 1, 3:6, 4:6].mean()), rel=1e-5)
    assert (with_lesion[3], normal[3]) == (float(pred[3, 0, 0, 9]), float(pred[0, 0, 0, 9]))


def test_evidence_elsewhere_changes_nothing():
    pred, label, lesion_types, rows = batch()
    before = evidence_at_lesion(pred, label, lesion_types, rows)
    pred[:, 0, 8:, :4] = 99
    pred[:, 1, 8:] = 99
    assert evidence_at_lesion(pred, label, lesion_types, rows) == before


def test_no_normal_slice_to_compare_with():
    pred, label, lesion_types, _ = batch()
    assert evidence_at_lesion(pred, label, lesion_types, [0, 1, 7, 1])[0][2] is None
    assert evidence_at_lesion(pred, label, ["painted", *lesion_types[1:]], [0, 1, 0, 1])[1][2] is None
