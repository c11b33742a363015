"""How an infant moved between two scans is found by registration."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from monai.data import MetaTensor

from bundle.research.benchmark.newborns.movement import movement
from bundle.research.benchmark.newborns.poses import moved
from scripts.blur import blur
from scripts.phantom.scanner import rotation
from tests.heads import make_head

FEW_DEGREES, FEW_MM = 0.5, 0.5
"""Mutual information of 2 mm voxels leaves a sixth of a voxel or so."""


@pytest.fixture(scope="module")
def brains() -> list[MetaTensor]:
    """A T1- and a T2-like brain with the same anatomy, finer than that of the plain head."""
    texture = blur(torch.randn(1, 73, 86, 84, generator=torch.Generator().manual_seed(0)), 2.0, axes=(1, 2, 3))
    made = []
    for contrast, sign in (("T1", 1.0), ("T2", -1.0)):
        head = make_head("RAS", yaw=4.0, contrast=contrast, noise=0.02, asymmetry=0.03, voxel=(2, 2, 2))
        made.append(head.image * (1 + sign * 0.2 * texture / texture.std()) * head.mask)
    return made


@pytest.mark.parametrize(
    ("degrees", "shift"), [((0, 0, 0), (0, 0, 0)), ((2, -1.5, 1), (1, -2, 0.5)), ((0, 4, 0), (0, 0, 0))]
)
def test_a_known_movement_is_found(brains: list[MetaTensor], degrees: tuple, shift: tuple) -> None:
    first, second = brains
    motion = np.eye(4)
    motion[:3, :3], motion[:3, 3] = rotation(*degrees), shift
    still = not any((*degrees, *shift))
    found = movement(first, second if still else moved(second, motion))
    affine = np.asarray(first.affine)
    middle = affine[:3, :3] @ ((np.array(second.shape[1:]) - 1) / 2) + affine[:3, 3]  # the head is turned about it
    expected = motion.copy()
    expected[:3, 3] += middle - motion[:3, :3] @ middle
    error = np.linalg.inv(expected) @ found
    assert np.degrees(np.arccos(np.clip((np.trace(error[:3, :3]) - 1) / 2, -1, 1))) < FEW_DEGREES
    assert np.linalg.norm((error @ [*middle, 1])[:3] - middle) < FEW_MM
