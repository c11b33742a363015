"""The size of a voxel, of any affine."""

import numpy as np
import pytest
import torch

from scripts.io.affine import voxel_size
from scripts.phantom.scanner import rotation


@pytest.mark.parametrize("kind", [np.asarray, torch.as_tensor])
def test_voxel_size(kind):
    affine = np.eye(4)
    affine[:3, :3] = rotation(10, 20, 30) @ np.diag([0.5, -0.7, 3.0])
    affine[:3, 3] = 7
    np.testing.assert_allclose(voxel_size(kind(affine)), [0.5, 0.7, 3.0])
    np.testing.assert_allclose(voxel_size(kind(np.diag([-0.5, 2.0, 1.0]))), [0.5, 2.0])  # of a slice
