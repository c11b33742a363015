"""Finding the plane of symmetry, and how far it may be off."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from scripts.midline.ascent import ascend, neighbours, paraboloid_top
from scripts.midline.find_plane import ANGLE_ERROR_LIMIT, OFFSET_ERROR_LIMIT, find_plane, plane_similarity
from scripts.midline.plane import MidsagittalPlane
from tests.heads import make_head


@pytest.mark.parametrize(
    ("head", "degrees", "millimetres"),
    [
        ({}, 0.1, 0.1),
        ({"yaw": 25, "roll": -25}, 0.3, 0.2),
        ({"yaw": -25, "roll": 8, "pitch": 15, "noise": 0.05}, 0.3, 0.2),
        ({"yaw": 7, "roll": 20, "shift": (10, -6, 4), "contrast": "T1", "noise": 0.02}, 0.3, 0.2),
        ({"yaw": -9, "roll": 4, "lesion": "left", "noise": 0.02}, 0.3, 0.2),
        ({"yaw": -9, "roll": 4, "lesion": "right", "contrast": "T1"}, 0.3, 0.2),
        ({"yaw": 3, "roll": 3, "asymmetry": 0.015, "contrast": "odd"}, 1.2, 0.5),
        ({"yaw": 11, "roll": -6, "voxel": (1.5, 1.5, 3.0), "noise": 0.02}, 0.3, 0.2),
        ({"yaw": 11, "roll": -6, "oblique": 20}, 0.3, 0.2),
        ({"yaw": 9, "roll": 12, "scale": 1.5, "voxel": (4.0, 4.0, 4.0)}, 0.3, 0.3),
    ],
)
def test_known_tilts_are_found(head: dict, degrees: float, millimetres: float) -> None:
    drawn = make_head(**head)
    found = find_plane(drawn.brain, drawn.image.affine)
    assert found.plane.angle_to(drawn.plane) < degrees
    assert abs(drawn.plane.distance_to(found.plane.point)) < millimetres
    assert 0.8 < found.similarity <= 1
    assert found.similarity == pytest.approx(plane_similarity(drawn.brain, drawn.image.affine, found.plane), abs=1e-4)


@pytest.mark.parametrize("size_x", [48, 49])
def test_a_mirrored_head_has_the_mirrored_plane(size_x: int) -> None:
    head = make_head(yaw=9, roll=-6, lesion="left", asymmetry=0.03, noise=0.03)
    brain, affine = head.brain.as_tensor()[0, :size_x], head.image.affine.numpy()
    flip = np.diag([-1.0, 1.0, 1.0, 1.0])
    flip[0, 3] = size_x - 1
    found, mirrored = find_plane(brain, affine), find_plane(brain.flip(0), affine)
    expected = found.plane.mapped(affine @ flip @ np.linalg.inv(affine))
    assert mirrored.plane.angle_to(expected) < 1e-3
    assert abs(expected.distance_to(mirrored.plane.point)) < 1e-3
    assert mirrored[1:] == pytest.approx(found[1:], abs=1e-3)


def test_the_search_is_deterministic_and_leaves_the_global_generator_alone() -> None:
    head = make_head(yaw=5, noise=0.05)
    state = torch.get_rng_state()
    first = find_plane(head.brain, head.image.affine)
    assert first == find_plane(head.brain, head.image.affine)
    assert torch.equal(state, torch.get_rng_state())


def test_brightness_and_a_mean_of_zero_do_not_matter() -> None:
    head = make_head(yaw=8, roll=5, lesion="left")
    brain, mask = head.brain.as_tensor(), head.mask.bool()
    plane = find_plane(brain, head.image.affine).plane
    normalised = torch.where(mask, 3 * (brain - brain[mask].mean()), 0.0)
    assert find_plane(normalised, head.image.affine).plane.angle_to(plane) < 1e-3


def test_a_one_sided_error_of_the_skull_strip_does_not_draw_the_plane() -> None:
    head = make_head(yaw=8, roll=5, noise=0.02)
    brain = head.brain.as_tensor().clone()
    index = np.indices(brain.shape[1:]).reshape(3, -1).T @ head.image.affine.numpy()[:3, :3].T
    points = index + head.image.affine.numpy()[:3, 3]
    lateral = torch.from_numpy((points - head.plane.point) @ np.array(head.plane.normal)).reshape(brain.shape)
    brain[lateral > 32] = 0  # the right side is cut off 11 mm too deep
    found = find_plane(brain, head.image.affine)
    assert found.plane.angle_to(head.plane) < 0.3
    assert abs(head.plane.distance_to(found.plane.point)) < 0.3


@pytest.mark.parametrize("direction", [(1, 0, 0), (1, 1, 0), (1, -0.5, 1)])
def test_a_bias_field_does_not_tilt_the_plane(direction: tuple) -> None:
    """A coil at one side makes the tissue near it twice as bright as that of the other side."""
    head = make_head(yaw=8, roll=5, noise=0.02, asymmetry=0.03)
    still = find_plane(head.brain, head.image.affine).plane
    index = np.indices(head.brain.shape[1:]).reshape(3, -1).T @ head.image.affine.numpy()[:3, :3].T
    points = index + head.image.affine.numpy()[:3, 3] - head.plane.point
    along = torch.from_numpy(points @ np.array(direction) / np.linalg.norm(direction)).reshape(head.brain.shape)
    field = torch.exp(along / along[head.mask.bool()].abs().max() * np.log(2) / 2)
    found = find_plane(head.brain * field.float(), head.image.affine).plane
    assert found.angle_to(still) < 0.4
    assert abs(found.distance_to(still.point)) < 0.3


def test_the_error_grows_with_what_causes_it_and_a_ball_is_flagged() -> None:
    clean, noisy = make_head(yaw=6), make_head(yaw=6, noise=0.15, asymmetry=0.03)
    low, high = (find_plane(head.brain, head.image.affine) for head in (clean, noisy))
    assert 0 <= low.angle_error < high.angle_error
    assert low.offset_error < high.offset_error
    assert low.angle_error < ANGLE_ERROR_LIMIT
    assert low.offset_error < OFFSET_ERROR_LIMIT
    generator = torch.Generator().manual_seed(0)
    axis = torch.arange(-15.0, 16.0)
    away = (axis[:, None, None] ** 2 + axis[:, None] ** 2 + axis**2).sqrt()
    # Every plane through the centre of a ball of noise is as good as another.
    ball = torch.where(away < 14, 1 + torch.rand(away.shape, generator=generator), 0.0)
    lost = find_plane(ball, np.diag([3.0, 3.0, 3.0, 1.0]))
    assert lost.angle_error > ANGLE_ERROR_LIMIT or lost.offset_error > OFFSET_ERROR_LIMIT


@pytest.mark.parametrize(("yaw", "shift"), [(0, 0), (14, 6), (-27, -9)])
def test_a_slice_has_a_line(yaw: float, shift: float) -> None:
    head = make_head(yaw=yaw, shift=(shift, 4, 0), voxel=(1.0, 1.0, 12.0), noise=0.03)
    found = find_plane(head.brain[..., 7], head.image.affine)
    assert found.plane.angle_to(head.plane) < 0.3
    assert abs(head.plane.distance_to((*found.plane.point[:2], 0))) < 0.2
    assert found.plane.normal[2] == 0
    assert found.angle_error < ANGLE_ERROR_LIMIT


VIEWS = {  # keywords of make_head, and the span of slices that is kept
    "cut at the vertex": ({}, slice(0, 36)),
    "cut through the cerebellum": ({}, slice(20, None)),
    "a slab of 20 slices": ({}, slice(18, 38)),
    "slices of 5 mm": ({"voxel": (1.5, 1.5, 5.0)}, slice(None)),
    "24 weeks": ({"scale": 0.55, "voxel": (1.5, 1.5, 1.5)}, slice(None)),
    "an adult": ({"scale": 1.7, "voxel": (4.0, 4.0, 4.0)}, slice(None)),
}


@pytest.mark.parametrize("view", VIEWS)
def test_unusual_views_are_right_or_flagged(view: str) -> None:
    keywords, kept = VIEWS[view]
    head = make_head(yaw=9, roll=-7, pitch=5, noise=0.03, asymmetry=0.03, **keywords)
    brain = head.brain.as_tensor().clone()
    outside = torch.ones(brain.shape[-1], dtype=torch.bool)
    outside[kept] = False
    brain[..., outside] = 0
    found = find_plane(brain, head.image.affine)
    flagged = found.angle_error > ANGLE_ERROR_LIMIT or found.offset_error > OFFSET_ERROR_LIMIT
    assert flagged or (found.plane.angle_to(head.plane) < 0.5 and abs(head.plane.distance_to(found.plane.point)) < 0.3)
    assert 0 < found.similarity <= 1


def test_a_real_slice_of_known_turn_and_shift() -> None:
    """An axial slice of the MNI152 average, 9 mm above its origin, turned by 10 degrees and shifted by (13, 17) mm."""
    from nilearn.datasets import load_mni152_template
    from scipy.ndimage import affine_transform

    template = load_mni152_template(resolution=2)
    picture = np.asarray(template.dataobj)[:, :, 40].astype(np.float64)
    turn, shift = np.radians(10), np.array([13.0, 17.0])
    rotation = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    size, origin = 120, -119.0
    own = template.affine[:2, 3]
    # From an output pixel to its mm, back through the shift and the turn, to a pixel of the template.
    matrix = rotation.T
    offset = (rotation.T @ (np.full(2, origin) - shift) - own) / 2
    moved = affine_transform(picture, matrix, offset, output_shape=(size, size), order=1)
    affine = np.diag([2.0, 2.0, 2.0, 1.0])
    affine[:2, 3] = origin
    found = find_plane(torch.from_numpy(moved)[None], affine).plane
    truth = MidsagittalPlane((*shift, 0), (*rotation[:, 0], 0))
    assert found.angle_to(truth) < 1
    assert abs(truth.distance_to(found.point)) < 1


def test_an_ascent_finds_the_top_of_a_paraboloid() -> None:
    top = np.array([1.3, -2.4, 0.7])
    shape = np.array([[2, 0.3, 0.1], [0.3, 1, -0.2], [0.1, -0.2, 3]])

    def score(points: np.ndarray) -> np.ndarray:
        return -np.einsum("ki,ij,kj->k", points - top, shape, points - top)

    np.testing.assert_allclose(ascend(score, np.zeros(3), 1.0), top, atol=1e-9)
    assert np.isnan(paraboloid_top(np.square(neighbours(2)).sum(axis=1))).all()


@pytest.mark.parametrize(
    ("image", "message"),
    [
        (torch.ones(4, 4), r"must be a volume .* got shape \(4, 4\)"),
        (torch.ones(2, 4, 4, 4), r"got shape \(2, 4, 4, 4\)"),
        (torch.zeros(9, 9, 9), "image of sub-7.nii is 0 everywhere"),
    ],
)
def test_errors_name_what_is_wrong(image: torch.Tensor, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        find_plane(image, np.eye(4), "sub-7.nii")
