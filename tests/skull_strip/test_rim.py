"""A loosely stripped head is stripped again; a clean brain stays as it is."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from monai.data import MetaTensor
from scipy.ndimage import binary_dilation

from scripts.phantom.scanner import Scan
from scripts.skull_strip import SkullStrip
from scripts.skull_strip.already_stripped import has_rim, is_stripped
from scripts.skull_strip.learned import WEIGHTS
from tests.skull_strip.conftest import VOXEL


def loose(scan: Scan, voxels: int) -> np.ndarray:
    """The head cut out with a rim around its brain."""
    kept = binary_dilation(scan.brain_mask > 0, iterations=voxels) if voxels else scan.brain_mask > 0
    return (scan.image * kept).astype(np.float32)


@pytest.mark.parametrize("contrast", ["T1w", "T2w"])
def test_a_rim_is_taken_off(scans: dict[str, Scan], contrast: str) -> None:
    scan = scans[contrast]
    image, truth = loose(scan, 3), scan.brain_mask > 0
    assert is_stripped(torch.from_numpy(image), np.full(3, VOXEL))
    mask = SkullStrip()(MetaTensor(torch.from_numpy(image)[None], affine=torch.tensor(scan.affine)))[1].numpy()[0] > 0
    before, after = (2 * (m & truth).sum() / (m.sum() + truth.sum()) for m in (image != 0, mask))
    assert after > 0.95 > before


@pytest.mark.parametrize(("shift", "rim"), [(0, False), (1, False), (3, True), (7, False)])
def test_a_rim_is_more_than_another_strips_fluid_and_less_than_half_a_head(shift: int, rim: bool) -> None:
    brain = torch.zeros(60, 60, 60, dtype=torch.bool)
    brain[10:50, 10:50, 10:50] = True
    stripped = torch.zeros_like(brain)
    stripped[10 - shift : 50 + shift, 10 - shift : 50 + shift, 10 - shift : 50 + shift] = True
    assert has_rim(stripped, brain, np.ones(3)) == rim
    assert not has_rim(stripped, torch.zeros_like(brain), np.ones(3)), "no brain tells nothing"


def test_own_weights_do_as_the_shipped_ones(scans: dict[str, Scan]) -> None:
    image = MetaTensor(torch.from_numpy(scans["T2w"].image.astype(np.float32))[None], affine=scans["T2w"].affine)
    assert torch.equal(SkullStrip(str(WEIGHTS))(image)[1], SkullStrip()(image)[1])


def test_own_weights_that_are_missing_are_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"nothing\.pt: the weights of the learned skull strip are missing"):
        SkullStrip(str(tmp_path / "nothing.pt"))
