"""The learned skull strip: heads it has not seen, whole and cut, of any size and orientation."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from monai.data import MetaTensor

from scripts.phantom.scanner import Scan
from scripts.skull_strip import SkullStrip, canvas
from scripts.skull_strip.learned import SHA256, WEIGHTS, load_network


def strip(image: np.ndarray, affine: np.ndarray) -> np.ndarray:
    _, mask = SkullStrip("learned")(
        MetaTensor(torch.from_numpy(image.astype(np.float32))[None], affine=torch.tensor(affine))
    )
    assert mask.shape[1:] == image.shape
    return mask.numpy()[0] > 0


def dice(found: np.ndarray, truth: np.ndarray) -> float:
    return 2 * float((found & (truth > 0)).sum()) / float(found.sum() + (truth > 0).sum())


@pytest.mark.parametrize(("contrast", "least"), [("T1w", 0.94), ("T2w", 0.975)])  # bright fluid shows the edge
def test_a_head_not_seen_in_training(scans: dict[str, Scan], contrast: str, least: float) -> None:
    scan = scans[contrast]
    assert dice(strip(scan.image, scan.affine), scan.brain_mask) > least


@pytest.mark.parametrize("size", [0.75, 1.35, 1.7])
def test_from_24_weeks_to_an_adult(scans: dict[str, Scan], size: float) -> None:
    scan = scans["T2w"]
    affine = scan.affine * size
    affine[3, 3] = 1
    assert dice(strip(scan.image, affine), scan.brain_mask) > 0.94


@pytest.mark.parametrize(("contrast", "least"), [("T1w", 0.96), ("T2w", 0.98)])
@pytest.mark.parametrize("axis", [0, 1, 2])
def test_a_bias_field_over_the_head(scans: dict[str, Scan], contrast: str, least: float, axis: int) -> None:
    scan = scans[contrast]
    ramp = np.linspace(-1, 1, scan.image.shape[axis]).reshape([-1 if k == axis else 1 for k in range(3)])
    assert dice(strip(scan.image * np.exp(0.8 * ramp), scan.affine), scan.brain_mask) > least


@pytest.mark.parametrize("axes", [(0, 1, 2), (2, 0, 1), (1, 2, 0)])
def test_the_order_of_the_axes_does_not_matter(scans: dict[str, Scan], axes: tuple[int, ...]) -> None:
    scan = scans["T2w"]
    expected = strip(scan.image, scan.affine)
    flipped = np.flip(scan.image, 1).transpose(axes)
    affine = scan.affine.copy()
    affine[:3, 3] += affine[:3, 1] * (scan.image.shape[1] - 1)
    affine[:3, 1] *= -1
    affine[:3, :3] = affine[:3, :3][:, axes]
    found = strip(np.ascontiguousarray(flipped), affine)
    assert np.array_equal(np.flip(found.transpose(np.argsort(axes)), 1), expected)


def test_neither_half_is_favoured(scans: dict[str, Scan]) -> None:
    scan = scans["T1w"]
    found = strip(scan.image, scan.affine)
    mirrored = strip(np.ascontiguousarray(scan.image[::-1]), scan.affine)[::-1]
    assert float((mirrored != found).sum()) <= 1e-3 * float(found.sum())


def test_scale_and_offset_of_the_intensities_do_not_matter(scans: dict[str, Scan]) -> None:
    scan = scans["T2w"]
    found = strip(scan.image, scan.affine)
    other = strip(7.0 * scan.image - 500, scan.affine)
    assert float((other != found).sum()) <= 1e-3 * float(found.sum())


def test_a_stripped_brain_is_kept(scans: dict[str, Scan]) -> None:
    scan = scans["T1w"]
    brain = scan.image * (scan.brain_mask > 0)
    assert np.array_equal(strip(brain, scan.affine), brain != 0)


def cut(scan: Scan, low: float, high: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The scan between two shares of the brain's height; 0 is its foot and 1 its vertex."""
    planes = np.flatnonzero((scan.brain_mask > 0).any((0, 1)))
    foot, span = planes[0], planes[-1] + 1 - planes[0]
    start, stop = (round(min(max(foot + share * span, 0), scan.image.shape[2])) for share in (low, high))
    affine = scan.affine.copy()
    affine[:3, 3] += affine[:3, 2] * start
    return scan.image[:, :, start:stop], scan.brain_mask[:, :, start:stop], affine


@pytest.mark.parametrize("contrast", ["T1w", "T2w"])
@pytest.mark.parametrize(
    ("low", "high", "floor"),
    [(-1, 0.75, 0.92), (0.3, 2, 0.92), (0.4, 0.65, 0.9)],
    ids=["cut at the vertex", "no base", "slab of 20 slices"],
)
def test_a_cut_field_of_view(scans: dict[str, Scan], contrast: str, low: float, high: float, floor: float) -> None:
    image, truth, affine = cut(scans[contrast], low, high)
    assert dice(strip(image, affine), truth) > floor


def test_a_field_of_view_full_of_neck(scans: dict[str, Scan]) -> None:
    scan = scans["T2w"]
    # The neck goes on as it leaves the field of view, as long again as the head.
    longer = np.repeat(scan.image[:, :, :1], 80, axis=2)
    image = np.concatenate([longer, scan.image], axis=2)
    truth = np.concatenate([0 * longer, scan.brain_mask], axis=2)
    assert dice(strip(image, scan.affine), truth) > 0.92


@pytest.mark.parametrize("contrast", ["T1w", "T2w"])
def test_slices_of_5_mm(scans: dict[str, Scan], contrast: str) -> None:
    scan = scans[contrast]
    planes = scan.image.shape[2] // 4 * 4
    image, truth = (v[:, :, :planes].reshape(*v.shape[:2], -1, 4).mean(-1) for v in (scan.image, scan.brain_mask))
    affine = scan.affine.copy()
    affine[:3, 3] += 1.5 * affine[:3, 2]
    affine[:3, 2] *= 4
    assert dice(strip(image, affine), truth > 0.5) > 0.92


def test_the_weights_that_ship_are_small_and_are_loaded_once() -> None:
    assert WEIGHTS.stat().st_size <= 5_000_000
    assert load_network(str(WEIGHTS), SHA256) is load_network(str(WEIGHTS), SHA256)


def test_other_weights_are_refused(tmp_path: Path) -> None:
    other = tmp_path / "skull_strip.pt"
    with pytest.raises(FileNotFoundError, match="weights of the learned skull strip are missing"):
        load_network(str(other), SHA256)
    other.write_bytes(b"something else")
    with pytest.raises(ValueError, match=f"expected the sha256 {SHA256}, found [0-9a-f]{{64}}"):
        load_network(str(other), SHA256)


def test_loading_draws_no_random_number() -> None:
    load_network.cache_clear()
    before = torch.get_rng_state()
    load_network(str(WEIGHTS), SHA256)
    assert torch.equal(torch.get_rng_state(), before), "or a training's seed means another after a skull strip"


@pytest.mark.parametrize("level", [0.0, 3.0])
def test_nothing_is_no_brain(level: float) -> None:
    with pytest.raises(ValueError, match="found no brain at all"):
        SkullStrip("learned")(torch.full((1, 60, 60, 60), level))


@pytest.mark.parametrize("voxel", [0.7, 1.0, 2.6])
def test_a_canvas_finds_its_way_back(voxel: float) -> None:
    axes = torch.meshgrid(*(torch.linspace(-1, 1, n) for n in (50, 60, 40)), indexing="ij")
    ball = torch.sqrt(sum(a**2 for a in axes)) < 0.6
    there = canvas.centred_canvas(np.array([1.0, 1.2, 1.5]), np.array([24.0, 33, 20]), (96, 128, 128), voxel)
    drawn = canvas.to_canvas(ball.float(), there)
    volume = float(drawn.sum()) * voxel**3
    assert volume == pytest.approx(float(ball.sum()) * 1.8, rel=0.02)
    back = canvas.from_canvas(drawn - 0.5, there, ball.shape, outside=-0.5) > 0
    assert dice(back.numpy(), ball.numpy()) > (0.99 if voxel <= 1 else 0.96)
