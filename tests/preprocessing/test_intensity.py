"""Intensities do not depend on how much fluid a skull strip leaves round the brain."""

import pytest
import torch
from monai.data import MetaTensor

from scripts.preprocessing.intensity import INNER_SHARE, NormalizeBraind, inner_brain, normalize_brain

SHAPE = (60, 70, 50)


def ball(radius_mm, spacing=(2.0, 2.0, 2.0), shape=SHAPE):
    axes = [(torch.arange(n) - (n - 1) / 2) * size for n, size in zip(shape, spacing, strict=True)]
    return sum(axis**2 for axis in torch.meshgrid(*axes, indexing="ij")) < radius_mm**2


def head(rim_mm, fluid):
    """A brain of noise about 100, with a rim of fluid of which so much is left."""
    noise = 100 + 10 * torch.randn(SHAPE, generator=torch.Generator().manual_seed(0))
    brain = ball(40)
    return torch.where(brain, noise, torch.where(ball(40 + rim_mm), torch.tensor(fluid), torch.tensor(0.0)))[None]


@pytest.mark.parametrize("fluid", [20.0, 300.0])
def test_a_rim_of_fluid_changes_nothing_within(fluid):
    bare, rimmed = (normalize_brain(head(rim, fluid), (2, 2, 2)) for rim in (0, 4))
    core = ball(30)
    assert float(bare[0][core].std()) == pytest.approx(INNER_SHARE, rel=0.05)
    assert float(bare[0][core].mean()) == pytest.approx(0, abs=0.02)
    assert float(rimmed[0][core].std() / bare[0][core].std()) == pytest.approx(1, abs=0.02)
    assert float((rimmed - bare)[0][core].mean()) == pytest.approx(0, abs=0.02)
    whole = [image[image != 0].std() for image in (head(0, fluid), head(4, fluid))]
    assert whole[1] / whole[0] > 1.5, "the whole brain's deviation would have changed"


@pytest.mark.parametrize("axis", [1, 2, 3])
def test_a_mirrored_head_is_normalised_alike(axis):
    image = head(2, 20.0) * (1 + torch.rand(SHAPE, generator=torch.Generator().manual_seed(1)))
    mirrored = normalize_brain(image.flip(axis), (1.0, 1.3, 2.0)).flip(axis)
    assert torch.allclose(mirrored, normalize_brain(image, (1.0, 1.3, 2.0)), atol=1e-5)


@pytest.mark.parametrize("spacing", [(2.0, 2.0, 2.0), (1.0, 1.0, 5.0), (0.5, 0.5, 0.5)])
def test_the_inner_brain_is_as_deep_as_it_says(spacing):
    shape = tuple(int(60 / size) for size in spacing)
    inner = inner_brain(ball(25, spacing, shape), spacing)
    reach = [float(inner.any(tuple({0, 1, 2} - {axis})).sum()) * spacing[axis] / 2 for axis in range(3)]
    assert all(15 < half < 21 for half in reach), reach


def test_the_edge_of_the_field_of_view_is_not_the_brains():
    slab = torch.ones(40, 40, 3, dtype=torch.bool)
    assert inner_brain(slab, (1, 1, 5)).all()


@pytest.mark.parametrize("mask", [torch.ones(1, 3, 3, 3), torch.zeros(1, 3, 3, 3)])
def test_what_has_no_inner_part_or_no_contrast_stays_finite(mask):
    made = normalize_brain(mask * 7, (1, 1, 1))
    assert torch.isfinite(made).all() and torch.equal(made == 0, mask == 0)
    thin = torch.zeros(1, 20, 20, 20)
    thin[:, 10] = torch.rand(20, 20) + 1
    assert float(normalize_brain(thin, (1, 1, 1))[thin != 0].std(correction=0)) == pytest.approx(INNER_SHARE, rel=1e-4)


def test_the_transform_keeps_the_meta_and_takes_slices():
    affine = torch.diag(torch.tensor([0.5, 0.5, 1.0, 1.0], dtype=torch.float64))
    image = MetaTensor(torch.rand(1, 40, 50) + 1, affine=affine, meta={"filename_or_obj": "a.png"})
    made = NormalizeBraind("image")({"image": image})["image"]
    assert torch.equal(made.affine, affine) and made.meta["filename_or_obj"] == "a.png"
    assert float(made.std(correction=0)) == pytest.approx(INNER_SHARE, rel=1e-4)
