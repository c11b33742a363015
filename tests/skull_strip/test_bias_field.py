"""A coil's field over a brain is found within a first mask, whatever the unit."""

import numpy as np
import pytest
import torch

from scripts.skull_strip.bias_field import LARGEST_LOG, bias_field

SHAPE = (80, 96, 96)


def brain_and_tissue():
    """A ball of two tissues side by side, and the ball."""
    at = torch.stack(torch.meshgrid(*[torch.arange(n) - (n - 1) / 2 for n in SHAPE], indexing="ij"))
    ball = at.norm(dim=0) < 34
    stripes = (at // 3).sum(0) % 2
    return at, ball, torch.where(ball, 0.6 + 0.3 * stripes, 0.0)


@pytest.mark.parametrize("unit", [1e-4, 1.0, 1e4])
def test_a_field_is_found(unit):
    at, ball, tissue = brain_and_tissue()
    true = torch.exp(at[0] / 60)
    even = tissue * true / bias_field(unit * tissue * true, ball)
    left, right = even[ball & (at[0] < -12)].mean(), even[ball & (at[0] > 12)].mean()
    before = (tissue * true)[ball & (at[0] < -12)].mean() / (tissue * true)[ball & (at[0] > 12)].mean()
    assert abs(float(torch.log(left / right))) < 0.5 * abs(float(torch.log(before)))


def test_it_is_positive_bounded_and_even_where_the_head_is():
    _, ball, tissue = brain_and_tissue()
    field = bias_field(tissue, ball)
    assert float(field.min()) >= np.exp(-LARGEST_LOG) - 1e-6 and float(field.max()) <= np.exp(LARGEST_LOG) + 1e-6
    assert float((field[ball].log()).abs().max()) < 0.1


def test_the_mirror_image_has_the_mirrored_field():
    at, ball, tissue = brain_and_tissue()
    image = tissue * torch.exp(at[0] / 60)
    assert torch.allclose(bias_field(image, ball).flip(0), bias_field(image.flip(0), ball.flip(0)), atol=1e-5)


def test_no_brain_has_no_field():
    _, ball, tissue = brain_and_tissue()
    assert torch.equal(bias_field(tissue, torch.zeros_like(ball)), torch.ones(SHAPE))
