"""The outline moves to the skull where bright fluid shows it, and stays where dark fluid hides it."""

import numpy as np
import pytest
import torch
from scipy import ndimage

from scripts.skull_strip.edge import _blurred, _steepness, snap_to_edge

BRAIN, FLUID, BONE, SCALP = 42.0, 46.0, 51.0, 56.0  # outer radii, mm
BRIGHT = {"tissue": 0.55, "fluid": 1.0, "bone": 0.08, "scalp": 0.7}
DARK = {"tissue": 0.8, "fluid": 0.2, "bone": 0.08, "scalp": 1.0}


def head(spacing, levels, size=1.0, seed=0):
    """A ball of tissue with a ventricle, in fluid, bone and scalp; the brain with its fluid, and depths in mm."""
    shape = np.ceil(2 * 62 * size / spacing).astype(int)
    at = np.stack(
        np.meshgrid(*[(np.arange(n) - (n - 1) / 2) * s for n, s in zip(shape, spacing, strict=True)], indexing="ij")
    )
    radius = np.linalg.norm(at, axis=0) / size
    image = np.select(
        [radius < 8, radius < BRAIN, radius < FLUID, radius < BONE, radius < SCALP],
        [levels[name] for name in ("fluid", "tissue", "fluid", "bone", "scalp")],
        0.0,
    )
    image = ndimage.gaussian_filter(image, 0.5 / spacing) + np.random.default_rng(seed).normal(0, 0.02, shape)
    return torch.from_numpy(image), torch.from_numpy(radius), at


def dice(a, b):
    return 2 * float((a & b).sum()) / float(a.sum() + b.sum())


@pytest.mark.parametrize("size", [1.0, 0.6])
@pytest.mark.parametrize("spacing", [(1.0, 1.0, 1.0), (0.8, 0.8, 2.4)])
@pytest.mark.parametrize("wrong", [2.0, -2.0, "shifted"])
def test_bright_fluid_shows_where_the_skull_is(spacing, wrong, size):
    spacing = np.array(spacing) * size
    image, radius, _ = head(spacing, BRIGHT, size)
    truth = radius < FLUID
    start = truth.roll(round(3 * size / spacing[0]), 0) if wrong == "shifted" else radius < FLUID + wrong
    snapped = snap_to_edge(image, start, spacing, size)
    assert dice(start, truth) < 0.965 < 0.98 < dice(snapped, truth)


def test_a_smaller_brain_s_outline_moves_less():
    spacing = np.ones(3) * 0.5
    image, radius, _ = head(spacing, BRIGHT, 0.5)
    start = radius < FLUID + 6  # of an adult: nearer than the reach at half the size, in mm
    assert dice(snap_to_edge(image, start, spacing, 1.0), radius < FLUID) > 0.98
    assert dice(snap_to_edge(image, start, spacing, 0.5), radius < FLUID) < 0.9


def test_dark_fluid_hides_it():
    spacing = np.ones(3)
    image, radius, _ = head(spacing, DARK)
    start = radius < FLUID + 1
    assert torch.equal(snap_to_edge(image, start, spacing), start)


@pytest.mark.parametrize(("levels", "moves"), [(BRIGHT, True), (DARK, False)])
@pytest.mark.parametrize("unit", [1.0, 1e-4, 1e4])
def test_a_bias_field_makes_no_fluid_bright_or_dark(levels, moves, unit):
    spacing = np.ones(3)
    image, radius, at = head(spacing, levels)
    field = torch.from_numpy(np.exp(at[0] / 40 + 1.5 * np.exp(-(((at - 25) / 30) ** 2).sum(0)) * (-1 if moves else 1)))
    start = radius < FLUID + 1
    snapped = snap_to_edge(unit * image * field, start, spacing)
    assert (dice(snapped, radius < FLUID) > 0.98) if moves else torch.equal(snapped, start)


def test_it_moves_no_farther_than_it_may():
    spacing = np.ones(3)
    image, radius, _ = head(spacing, BRIGHT)
    start = radius < FLUID - 12
    snapped = snap_to_edge(image, start, spacing)
    assert float(radius[snapped].max()) < FLUID - 12 + 5


def test_the_mirror_image_has_the_mirrored_outline():
    spacing = np.ones(3)
    image, radius, _ = head(spacing, BRIGHT)
    start = (radius < FLUID - 1).roll(1, 0)
    there, back = snap_to_edge(image, start, spacing), snap_to_edge(image.flip(0), start.flip(0), spacing).flip(0)
    assert float((there != back).sum()) <= 1e-4 * float(there.sum())


@pytest.mark.parametrize("radius", [0, 3])
def test_what_has_no_depth_stays(radius):
    image, far, _ = head(np.ones(3), BRIGHT)
    start = far < radius
    assert torch.equal(snap_to_edge(image, start, np.ones(3)), start)


def test_a_brain_that_the_field_of_view_cuts_is_not_hollowed_there():
    spacing = np.ones(3)
    image, radius, _ = head(spacing, BRIGHT)
    cut = image.shape[2] // 2
    image, radius = image[..., :cut], radius[..., :cut]
    snapped = snap_to_edge(image, radius < FLUID - 2, spacing)
    assert dice(snapped, radius < FLUID) > 0.98
    assert bool(snapped[..., -1][radius[..., -1] < FLUID - 4].all())


def test_what_lies_beyond_the_image_does_not_count():
    assert torch.allclose(_blurred(torch.ones(9, 8, 7), np.array([0.4, 2.0, 5.0])), torch.ones(9, 8, 7))


def test_steepness_is_per_millimetre():
    spacing = torch.tensor([0.5, 1.0, 3.0])
    along = torch.stack(torch.meshgrid(*[torch.arange(6.0) * s for s in spacing], indexing="ij"))
    field = (torch.tensor([1.0, 2.0, 2.0])[:, None, None, None] * along).sum(0)
    assert torch.allclose(_steepness(field, spacing.numpy()), torch.full_like(field, 3.0))
