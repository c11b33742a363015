"""The flood of a GPU, run on a CPU, gives to the voxel what scikit-image's watershed gives."""

import numpy as np
import pytest
import torch
from scipy import ndimage

from scripts.skull_strip.watershed import flood, flood_in_parallel


def landscape(seed, shape=(24, 30, 27), smooth=1.5, share=0.002):
    """Random heights, two or three kinds of markers, and what may be flooded, with holes in it."""
    rng = np.random.default_rng(seed)
    heights = ndimage.gaussian_filter(rng.normal(size=shape), smooth).astype(np.float32)
    markers = np.where(rng.random(shape) < share, rng.integers(1, 4, shape), 0).astype(np.int32)
    within = ndimage.gaussian_filter(rng.normal(size=shape), 2) > -0.05
    return torch.from_numpy(heights), torch.from_numpy(markers * within), torch.from_numpy(within)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("smooth", [0.0, 1.5, 4.0])
def test_both_floods_are_the_same(seed, smooth):
    scene = landscape(seed, smooth=smooth)
    found = flood_in_parallel(*scene)
    assert torch.equal(found, flood(*scene))
    assert len(found.unique()) > 2 and found.dtype == torch.int32


def test_water_goes_a_long_way_round_a_wall():
    heights = torch.rand((3, 61, 61), generator=torch.Generator().manual_seed(0))
    within = torch.ones(heights.shape, dtype=torch.bool)
    within[:, 1:60:4, :-1], within[:, 3:60:4, 1:] = False, False  # a maze of one corridor
    markers = torch.zeros(heights.shape, dtype=torch.int32)
    markers[1, 0, 0], markers[1, -1, -1] = 1, 2
    found = flood_in_parallel(heights, markers, within)
    assert torch.equal(found, flood(heights, markers, within))
    assert {1, 2} == set(found[within].tolist()) and not found[~within].any()


def test_what_no_marker_reaches_stays_dry():
    heights, markers, within = landscape(3)
    within[10:14] = False
    markers[14:] = 0
    markers *= within
    for method in (flood, flood_in_parallel):
        found = method(heights, markers, within)
        assert found[:10].any() and not found[10:].any()
        assert not method(heights, markers * 0, within).any() and not method(heights, markers, within & False).any()
