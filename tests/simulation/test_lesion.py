import math

import pytest
import torch

from scripts.simulation.lesion import SIZES, Lesions, distance_to_outline, half_extent, lesion_centres, pixel_coverage

BRAIN = torch.zeros(1, 96, 224, dtype=torch.bool)
BRAIN[:, 5:80, 20:200] = True


def lesions(size: float, count: int = 64, shape: float | None = None) -> Lesions:
    uniform = torch.rand(count, 6, generator=torch.Generator().manual_seed(1))
    if shape is not None:
        uniform[:, 2] = shape
    return Lesions.draw(torch.full((count,), size), uniform)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(("shape", "side_area"), [(0.0, lambda s: s**2), (0.9, lambda s: math.pi * s**2 / 4)])
def test_area_is_as_stated(size, shape, side_area):
    for scale, area in (("side_mm", side_area(size)), ("area_mm2", size)):
        drawn = lesions(size, shape=shape)
        extent = half_extent(drawn, scale, pixel_mm=0.5)
        centre = torch.full((len(extent), 2), 48)
        covered = pixel_coverage(distance_to_outline(drawn, centre, extent, (96, 224))).sum((1, 2)) * 0.5**2
        assert covered.mean().item() == pytest.approx(area, rel=0.02, abs=0.25)


@pytest.mark.parametrize("size", [1, 7, 20])
def test_lesion_lies_in_the_brain(size):
    drawn = lesions(size)
    extent = half_extent(drawn, "side_mm", 0.5)
    centre = lesion_centres(drawn, BRAIN.expand(64, -1, -1), extent)
    covered = pixel_coverage(distance_to_outline(drawn, centre, extent, (96, 224)))
    inside = (covered * BRAIN).sum((1, 2)) / covered.sum((1, 2))
    assert inside.min() > 0.9
    # Anywhere in the brain: also near its borders, not just around its middle.
    assert centre[:, 0].min() < 5 + 2 * extent.max() + 10
    assert centre[:, 1].max() > 200 - 2 * extent.max() - 20


def test_lesion_that_fits_nowhere_lies_where_most_of_it_fits():
    brain = torch.zeros(1, 96, 224, dtype=torch.bool)
    brain[:, 40:50, 100:110] = True
    drawn = lesions(20, count=1)
    row, column = lesion_centres(drawn, brain, half_extent(drawn, "side_mm", 0.5))[0].tolist()
    assert 40 <= row < 50
    assert 100 <= column < 110


def test_the_position_covers_every_allowed_pixel_once():
    brain = torch.zeros(1, 8, 8, dtype=torch.bool)
    brain[:, 2:4, 2:6] = True
    count = 8
    uniform = torch.zeros(count, 6)
    uniform[:, 1] = (torch.arange(count) + 0.5) / count
    drawn = Lesions.draw(torch.full((count,), 1.0), uniform)
    centres = lesion_centres(drawn, brain.expand(count, -1, -1), torch.zeros(count))
    assert {tuple(centre) for centre in centres.tolist()} == {(r, c) for r in (2, 3) for c in (2, 3, 4, 5)}


def test_an_unknown_scale_lists_the_known_ones():
    with pytest.raises(ValueError, match=r"'mm'.*side_mm, area_mm2"):
        half_extent(lesions(1), "mm", 0.5)
