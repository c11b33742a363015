"""Whether the evidence has its peak in the lesion: the same as dilating the lesion, at the border of the image, too."""

import pytest
import torch
import torch.nn.functional as F

from scripts.evaluation.collect import TOLERANCE_PIXELS, peak_in_lesion


@pytest.mark.parametrize("seed", range(8))
def test_a_peak_counts_where_the_dilated_lesion_holds_it(seed):
    random = torch.Generator().manual_seed(seed)
    pred = torch.randn(50, 2, 9, 14, generator=random)
    label = (torch.rand(50, 2, 9, 14, generator=random) > 0.98).float()
    dilated = F.max_pool2d(label, 2 * TOLERANCE_PIXELS + 1, stride=1, padding=TOLERANCE_PIXELS).flatten(1)
    expected = dilated.gather(1, pred.flatten(1).argmax(1, keepdim=True))[:, 0] > 0
    assert expected.any() and not expected.all()
    assert torch.equal(peak_in_lesion(pred, label), expected)


@pytest.mark.parametrize(("away", "near"), [(0, True), (TOLERANCE_PIXELS, True), (TOLERANCE_PIXELS + 1, False)])
def test_a_peak_counts_in_its_own_hemisphere_only(away, near):
    pred, label = torch.zeros(1, 2, 16, 16), torch.zeros(1, 2, 16, 16)
    label[0, 1, 8, 8] = 1
    pred[0, 1, 8, 8 - away] = 1
    assert bool(peak_in_lesion(pred, label)) == near
    assert not peak_in_lesion(pred.flip(1), label)
