"""The scans that the benchmark of newborns changes: mirrored, moved, in thick slices, and with a lesion in space."""

import numpy as np
import pytest
import torch
from scipy.ndimage import center_of_mass
from scipy.spatial.transform import Rotation

from bundle.research.benchmark.newborns.ball import draw_ball, place_ball
from bundle.research.benchmark.newborns.movement import movement
from bundle.research.benchmark.newborns.poses import SHIFT, TILT, motions, moved
from bundle.research.benchmark.newborns.slice_profile import thick_slices
from bundle.research.benchmark.newborns.strip import compare_masks
from bundle.research.benchmark.newborns.voxels import as_scan, mirrored
from scripts.midline.plane import MidsagittalPlane
from tests.heads import make_head


def blob(position, size=(40, 44, 48), step=(1.5, 1.5, 1.0)):
    """A Gaussian blob of 4 mm at a position (RAS mm), on a grid whose middle is at (3, -2, 5) mm."""
    affine = np.diag([*step, 1.0])
    affine[:3, 3] = np.array([3.0, -2.0, 5.0]) - np.array(step) * (np.array(size) - 1) / 2
    index = np.stack(np.meshgrid(*map(np.arange, size), indexing="ij"), -1)
    distance = np.linalg.norm(index @ affine[:3, :3].T + affine[:3, 3] - position, axis=-1)
    return as_scan(torch.from_numpy(np.exp(-0.5 * (distance / 4) ** 2)).float()[None], affine)


def centre(scan):
    affine = scan.affine.numpy()
    return affine[:3, :3] @ center_of_mass(scan[0].numpy()) + affine[:3, 3]


def test_in_the_mirror_image_left_is_right():
    scan = blob([13.0, 1.0, 2.0])
    assert centre(mirrored(scan)) == pytest.approx([-7.0, 1.0, 2.0], abs=0.01)  # the middle is at 3 mm
    assert torch.equal(mirrored(scan).affine, scan.affine)
    assert torch.equal(mirrored(mirrored(scan)).as_tensor(), scan.as_tensor())


@pytest.mark.parametrize("step", [None, 0.75])
def test_a_moved_head_is_where_its_pose_says(step):
    position, middle = np.array([10.0, -6.0, 1.0]), np.array([3.0, -2.0, 5.0])
    for motion in motions():
        where = motion[:3, :3] @ (position - middle) + middle + motion[:3, 3]
        assert centre(moved(blob(position), motion, step)) == pytest.approx(where, abs=0.05)


def test_the_poses_are_known_tilts_and_shifts():
    for motion in motions():
        assert motion[:3, :3] @ motion[:3, :3].T == pytest.approx(np.eye(3), abs=1e-9)
        angle = np.degrees(np.arccos((np.trace(motion[:3, :3]) - 1) / 2))
        assert 1 < angle < np.sqrt(3) * TILT and np.abs(motion[:3, 3]).max() <= SHIFT
    assert np.array_equal(motions(), motions())


@pytest.mark.parametrize("axis", range(3))
def test_a_thick_slice_averages_over_three_millimetres(axis):
    step = np.array([1.0, 1.0, 1.0])
    step[axis] = 0.5
    voxels = torch.zeros(1, 30, 30, 30)
    place = [15, 15, 15]
    place[axis] = 12  # in the middle of the third slice
    voxels[(0, *place)] = 1.0
    thick = thick_slices(as_scan(voxels, np.diag([*step, 1.0])), axis)
    assert thick.shape[axis + 1] == 5 and float(thick.affine[axis, axis]) == pytest.approx(3.0)
    along = thick[0].movedim(axis, 0)[:, 15, 15]
    # A Gaussian of 3 mm falls to a sixteenth within 3 mm, and its sum over 3 mm steps is 3 / 0.5 times too small.
    assert (along[1:4] / along[2]).tolist() == pytest.approx([1 / 16, 1, 1 / 16], rel=0.02)
    flat = thick_slices(as_scan(torch.full((1, 20, 20, 20), 7.0), np.diag([*step, 1.0])), axis)
    assert flat.as_tensor().numpy() == pytest.approx(7.0, abs=1e-4)
    assert centre(thick_slices(blob([6.0, 1.0, 2.0]), axis)) == pytest.approx([6.0, 1.0, 2.0], abs=0.05)


@pytest.mark.parametrize("side", ["left", "right"])
def test_a_ball_lies_in_the_brain_on_its_side(side):
    affine, brain = np.diag([2.0, 2.0, 2.0, 1.0]), np.zeros((30, 30, 30), dtype=bool)
    affine[:3, 3] = -29.0
    brain[2:28, 2:28, 2:28] = True
    plane, rng = MidsagittalPlane((1.0, 0, 0), (1.0, 0.1, 0)), np.random.default_rng(0)
    for _ in range(5):
        place = place_ball(brain, affine, (2.0, 2.0, 2.0), plane, side, 13.5, rng)
        assert plane.distance_to(place) * (1 if side == "right" else -1) >= 13.5 / 2
        assert np.abs(place).max() <= 27 - 13.5 / 2
    image = as_scan(torch.where(torch.from_numpy(brain), 1.0, 0.0)[None], affine)
    change = (draw_ball(image, place, 13.5, -2.0) - image).as_tensor()
    assert float(change.min()) == -2.0 and float(change.max()) == 0.0
    assert float(change.sum()) * 8 / -2 == pytest.approx(np.pi / 6 * 13.5**3, rel=0.05)
    assert centre(as_scan(change, affine)) == pytest.approx(place, abs=0.2)
    outside = place_ball(brain, affine, (2.0, 2.0, 2.0), plane, side, 90.0, rng)
    assert plane.distance_to(outside) * (1 if side == "right" else -1) > 9, "it fits nowhere, so it lies deep"


def test_what_a_mask_has_beyond_the_reference_and_what_it_misses():
    reference = torch.zeros(40, 40, 40, dtype=torch.bool)
    reference[10:30, 10:30, 10:30] = True
    assert compare_masks(reference, reference, (1, 1, 1)) == {"dice": 1.0, "beyond": 0.0, "missed": 0.0}
    near, far, half = reference.clone(), reference.clone(), reference.clone()
    near[10:30, 10:30, 30:33] = True
    far[10:30, 10:30, 30:35] = True
    half[:20] = False
    assert compare_masks(near, reference, (1, 1, 1))["beyond"] == 0.0
    assert compare_masks(far, reference, (1, 1, 1))["beyond"] == pytest.approx(2 / 25)
    assert compare_masks(near, reference, (1, 1, 2))["beyond"] == pytest.approx(2 / 23)
    assert compare_masks(half, reference, (1, 1, 1)) == {"dice": pytest.approx(2 / 3), "beyond": 0.0, "missed": 0.5}
    assert compare_masks(reference & ~reference, reference, (1, 1, 1))["dice"] == 0.0


def test_a_movement_between_two_scans_is_found() -> None:
    head = make_head("RAS", contrast="T2", noise=0.02, asymmetry=0.03)
    brain = as_scan(head.image * head.mask, head.image.affine)
    turn = np.eye(4)
    turn[:3, :3] = Rotation.from_euler("yz", [1.5, -2.0], degrees=True).as_matrix()
    turn[:3, 3] = (1.0, -0.5, 2.0)
    moved = as_scan(brain.as_tensor(), turn @ brain.affine.numpy())  # the same voxels, at another place
    left = turn @ np.linalg.inv(movement(brain, moved))
    assert np.degrees(Rotation.from_matrix(left[:3, :3]).magnitude()) < 0.3
    assert np.linalg.norm(left[:3, 3]) < 0.5
