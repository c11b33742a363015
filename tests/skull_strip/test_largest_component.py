"""There is one brain, without holes."""

import numpy as np
import pytest
import torch
from scipy import ndimage

from scripts.skull_strip.largest_component import largest_component


@pytest.mark.parametrize("share", [0.3, 0.6, 0.75])
@pytest.mark.parametrize("seed", range(4))
def test_it_is_the_largest_part_filled_as_scipy_does(seed, share):
    drawn = ndimage.gaussian_filter(np.random.default_rng(seed).normal(size=(30, 26, 34)), 1.2)
    mask = drawn < np.quantile(drawn, share)
    parts, _ = ndimage.label(mask)
    expected = ndimage.binary_fill_holes(parts == 1 + np.argmax(np.bincount(parts.ravel())[1:]))
    found = largest_component(torch.from_numpy(mask)).numpy()
    assert np.array_equal(found, expected)
    assert found.sum() != mask.sum()  # there was something to drop or to fill


def test_a_hole_that_reaches_the_edge_of_the_view_is_none():
    mask = torch.zeros((8, 8, 8), dtype=torch.bool)
    mask[:6, 1:7, 1:7] = True
    mask[2:4, 3:5, 3:5] = False  # inside: filled
    mask[0, 3, 3] = False  # open to what lies beyond the view: kept
    found = largest_component(mask)
    assert found[3, 4, 4] and not found[0, 3, 3] and int(found.sum()) == 6**3 - 1


def test_an_empty_mask_stays_empty():
    assert not largest_component(torch.zeros((4, 5, 6), dtype=torch.bool)).any()
