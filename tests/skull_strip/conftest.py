"""What the tests of the learned skull strip share: a synthetic newborn head that no training has seen."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from scripts.phantom.head import make_head
from scripts.phantom.scanner import ORIENTATIONS, Scan, acquire, draw_pose
from scripts.phantom.template import load_atlas

SEED = 910_000  # trainings use lower ones
VOXEL = 1.2  # mm


@pytest.fixture(scope="session")
def scans() -> dict[str, Scan]:
    """One newborn's head in both contrasts."""
    rng = np.random.default_rng(SEED)
    head = make_head(load_atlas(), torch.Generator().manual_seed(SEED), VOXEL)
    pose = draw_pose(rng)
    return {c: acquire(head, c, "iso", ORIENTATIONS[0], pose, rng, VOXEL) for c in ("T1w", "T2w")}
