"""Synthetic heads: size, symmetry about the true plane, levels of asymmetry, contrasts, poses."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
import torch

from scripts.phantom.anatomy import CLASSES, FULL, REGIONS, Head
from scripts.phantom.growth import AGES, grow
from scripts.phantom.head import ASYMMETRY, make_head, smooth_noise
from scripts.phantom.scanner import MAX_TILT, ORIENTATIONS, acquire, draw_means, draw_pose, nudge
from scripts.phantom.template import Atlas, load_atlas

SPACING = 2.5  # mm: coarse, for speed


@pytest.fixture(scope="module", autouse=True)
def one_thread() -> Iterator[None]:
    """One thread: two that wait for each other on small arrays are slower than one."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="module")
def atlas() -> Atlas:
    return load_atlas()


def draw(atlas: Atlas, seed: int = 0, asymmetry: str = "mid", age: float = 40.5) -> Head:
    return make_head(atlas, torch.Generator().manual_seed(seed), SPACING, asymmetry, age)


@pytest.fixture(scope="module")
def head(atlas: Atlas) -> Head:
    return draw(atlas)


def mirror_difference(head: Head) -> float:
    """Mean difference of the brain's partial volumes from their mirror image, as a share of the brain."""
    brain = head.classes[:5].float()
    return float((brain - brain.flip(1)).abs().sum() / brain.sum())


def test_noise_is_symmetric_as_far_as_it_is_shared() -> None:
    generator = torch.Generator().manual_seed(0)
    shape = (41, 40, 40)
    shared, mixed, own = (smooth_noise(shape, 1.5, generator, share) for share in (0.0, 0.6, 1.0))
    assert torch.equal(shared, shared.flip(0))
    for field, share in ((mixed, 0.6), (own, 1.0)):
        assert float(field.std()) == pytest.approx(1, abs=0.1)
        left, right = field[:18].flatten(), field.flip(0)[:18].flatten()
        found = float(torch.corrcoef(torch.stack([left, right]))[0, 1])
        assert found == pytest.approx(1 - share**2, abs=0.12)


def test_head_has_a_newborns_size_and_shells(head: Head) -> None:
    assert head.classes.shape == (len(CLASSES), *head.brain_mask.shape)
    assert head.origin[0] == pytest.approx(-SPACING * (head.brain_mask.shape[0] - 1) / 2)
    assert int(head.classes.int().sum(0).max()) <= FULL + len(CLASSES)  # rounding alone
    inside = head.brain_mask > FULL / 2
    assert 280 < float(inside.sum()) * SPACING**3 / 1000 < 650  # ml, with all CSF inside the skull
    length = inside.any(0).any(1).sum() * SPACING
    assert 92 < float(length) < 140
    skull, brain = CLASSES.index("skull"), head.classes[:5].int().sum(0)
    assert int((brain[~inside] > 0.9 * FULL).sum()) < 0.03 * int(inside.sum())  # but for the cord below
    assert float(head.classes[skull].float().sum()) > 0
    for border in (0, -1):
        assert not head.brain_mask[border].any()
        assert not head.brain_mask[:, border].any()
        assert not head.brain_mask[:, :, border].any()


def test_a_younger_head_is_smaller_and_smoother(atlas: Atlas, head: Head) -> None:
    def volume(of: Head, *names: str) -> float:
        return float(sum(of.classes[CLASSES.index(name)].float().sum() for name in names))

    young = draw(atlas, age=AGES[0])
    assert volume(young, "cortex", "white") < 0.6 * volume(head, "cortex", "white")
    assert volume(young, "cortex") / volume(young, "white") < volume(head, "cortex") / volume(head, "white")
    with pytest.raises(ValueError, match=r"age is 2 weeks, expected 28 to 44 weeks"):
        grow(2, torch.Generator())


def test_regions_lie_where_they_should(head: Head) -> None:
    ventricle, hindbrain = (np.argwhere((head.regions == REGIONS.index(name)).numpy()) for name in REGIONS[1:])
    assert ventricle[:, 2].mean() > hindbrain[:, 2].mean()
    assert ventricle[:, 1].mean() > hindbrain[:, 1].mean()
    fluid = head.classes[0][head.regions == REGIONS.index("ventricle")].float().mean() / FULL
    assert float(fluid) > 0.6


def test_same_seed_same_head(atlas: Atlas, head: Head) -> None:
    assert torch.equal(draw(atlas).classes, head.classes)
    assert not torch.equal(draw(atlas, seed=1).classes, head.classes)


def test_levels_of_asymmetry_are_ordered(atlas: Atlas) -> None:
    differences = [mirror_difference(draw(atlas, 3, level)) for level in ASYMMETRY]
    assert differences == sorted(differences)
    assert differences[0] < 0.01
    assert differences[1] > 0.05


def test_fissure_is_a_line_of_csf(head: Head) -> None:
    csf = head.classes[0].float() / FULL
    middle = csf.shape[0] // 2
    top = slice(round((22 - head.origin[2]) / SPACING), round((34 - head.origin[2]) / SPACING))
    front = slice(round((-20 - head.origin[1]) / SPACING), round((20 - head.origin[1]) / SPACING))
    assert float(csf[middle, front, top].mean()) > 0.6
    for side in (-4, 4):
        assert float(csf[middle + side, front, top].mean()) < 0.4


@pytest.mark.parametrize("orientation", sorted(set(ORIENTATIONS)))
def test_truth_holds_in_every_orientation(head: Head, orientation: tuple[str, bool]) -> None:
    rng = np.random.default_rng(5)
    pose = draw_pose(rng)
    scan = acquire(head, "T2w", "iso", orientation, pose, rng, SPACING)
    assert scan.image.dtype == np.int16
    assert np.linalg.norm(scan.normal) == pytest.approx(1)
    assert scan.normal[0] > np.cos(np.radians(2 * MAX_TILT))
    voxels = np.argwhere(scan.brain_mask)
    world = voxels @ scan.affine[:3, :3].T + scan.affine[:3, 3]
    reflected = world - 2 * ((world - scan.point) @ scan.normal)[:, None] * scan.normal
    back = np.rint((reflected - scan.affine[:3, 3]) @ np.linalg.inv(scan.affine[:3, :3]).T).astype(int)
    inside = np.all((back >= 0) & (back < scan.brain_mask.shape), axis=1)
    found = scan.brain_mask[tuple(back[inside].T)].sum()
    assert found / len(voxels) > 0.95
    # The brain is brighter than the air around it, so image and mask lie on the same grid.
    assert scan.image[scan.brain_mask > 0].mean() > 3 * np.median(scan.image[scan.brain_mask == 0])


def test_second_scan_is_a_small_move_away() -> None:
    rng = np.random.default_rng(0)
    pose = draw_pose(rng)
    moved = nudge(pose, rng)
    assert 0 < np.linalg.norm(moved.shift - pose.shift) < 2
    assert np.trace(moved.rotation.T @ pose.rotation) > 1 + 2 * np.cos(np.radians(3))


def test_contrasts_are_a_newborns() -> None:
    rng = np.random.default_rng(0)
    for age in np.linspace(*AGES, 50):
        csf, cortex, white = draw_means("T1w", rng, age)[:3]
        assert csf < white < cortex
        csf, cortex, white = draw_means("T2w", rng, age)[:3]
        assert csf > white > cortex
        assert np.diff(np.sort(draw_means("random", rng)[:3])).min() > 0.1
