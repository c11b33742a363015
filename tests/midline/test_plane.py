"""The mid-sagittal plane: reflections, frames, angles."""

from __future__ import annotations

import numpy as np
import pytest

from scripts.midline.plane import MidsagittalPlane, smallest_rotation
from tests.heads import turn

POSES = [(0, 0, 0), (12, 0, 0), (0, -15, 0), (25, 25, 0), (-30, 10, 20)]


def plane_of(yaw: float, roll: float, pitch: float = 0.0) -> MidsagittalPlane:
    return MidsagittalPlane(point=(3.0, -4.0, 5.0), normal=tuple(turn(yaw, roll, pitch)[:, 0]))


@pytest.mark.parametrize("pose", POSES)
def test_yaw_and_roll_are_those_the_head_was_turned_by(pose: tuple) -> None:
    plane = plane_of(*pose)
    assert (plane.yaw, plane.roll) == pytest.approx(pose[:2], abs=1e-9)


@pytest.mark.parametrize("pose", POSES)
def test_reflection_swaps_the_sides_and_is_its_own_inverse(pose: tuple) -> None:
    plane = plane_of(*pose)
    mirror = plane.reflection()
    np.testing.assert_allclose(mirror @ mirror, np.eye(4), atol=1e-12)
    right = np.array(plane.point) + 7 * np.array(plane.normal)
    assert plane.distance_to(right) == pytest.approx(7)
    assert plane.distance_to((mirror @ [*right, 1])[:3]) == pytest.approx(-7)
    found = MidsagittalPlane.from_reflection(mirror)
    assert found.angle_to(plane) == pytest.approx(0, abs=1e-6)
    assert plane.distance_to(found.point) == pytest.approx(0, abs=1e-9)


def test_a_slide_along_the_plane_does_not_move_it() -> None:
    plane = plane_of(10, 5)
    slide = np.eye(4)
    slide[:3, 3] = 4 * np.cross(plane.normal, [0, 0, 1])
    found = MidsagittalPlane.from_reflection(slide @ plane.reflection())
    assert found.angle_to(plane) == pytest.approx(0, abs=1e-6)
    assert plane.distance_to(found.point) == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize("pose", POSES)
def test_frame_is_rigid_and_its_x_axis_is_the_normal(pose: tuple) -> None:
    plane = plane_of(*pose)
    frame = plane.frame()
    np.testing.assert_allclose(frame[:3, :3] @ frame[:3, :3].T, np.eye(3), atol=1e-12)
    assert np.linalg.det(frame) == pytest.approx(1)
    np.testing.assert_allclose(frame[:3, 0], plane.normal, atol=1e-12)
    np.testing.assert_allclose(frame[:3, 3], plane.point)
    # The smallest rotation turns by the angle between x and the normal, no more.
    cosine = (np.trace(frame[:3, :3]) - 1) / 2
    assert cosine == pytest.approx(plane.normal[0])


def test_a_mirrored_plane_has_the_mirrored_frame() -> None:
    mirror = np.diag([-1.0, 1.0, 1.0, 1.0])
    plane = plane_of(17, -9)
    mirrored = plane.mapped(mirror)
    assert (mirrored.yaw, mirrored.roll) == pytest.approx((-17, 9))
    np.testing.assert_allclose(mirrored.frame(), mirror @ plane.frame() @ mirror, atol=1e-12)


def test_angle_keeps_its_digits_and_ignores_the_sign() -> None:
    here, there = plane_of(0, 0), MidsagittalPlane((0, 0, 0), tuple(-turn(1e-6)[:, 0]))
    assert here.angle_to(there) == pytest.approx(1e-6, rel=1e-6)
    assert there.normal[0] > 0


def test_a_head_turned_round_still_has_a_rotation() -> None:
    np.testing.assert_allclose(smallest_rotation(np.array([-1.0, 0, 0]))[:, 0], [-1, 0, 0])


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: MidsagittalPlane((0, 0), (1, 0, 0)), "point must be three finite numbers"),
        (lambda: MidsagittalPlane((0, 0, 0), (np.nan, 0, 0)), "normal must be three finite numbers"),
        (lambda: MidsagittalPlane((0, 0, 0), (0, 0, 0)), "normal must not be zero"),
        (lambda: MidsagittalPlane.from_mapping({"point": [0, 0, 0]}), "'point' and 'normal'"),
        (lambda: MidsagittalPlane.from_mapping([1, 2]), "got list"),
        (lambda: MidsagittalPlane.from_reflection(np.eye(3)), "must be 4x4"),
        (lambda: MidsagittalPlane.from_reflection(np.eye(4)), "determinant -1"),
    ],
)
def test_errors_name_what_is_wrong(call, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        call()
