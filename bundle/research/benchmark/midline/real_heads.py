"""The midline of real images, whose true plane is not known: is it the same after a known movement?

Heads from installed packages are moved at random, and the detected planes are moved back and compared. The slices are
ITK's, which come turned by 10 degrees and shifted by 13 and 17 mm.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from monai.data import MetaTensor
from monai.transforms import SpatialResample

from scripts.midline.find_plane import find_plane
from scripts.midline.plane import MidsagittalPlane
from scripts.phantom.scanner import rotation

from ..skull_strip.real_heads import REAL, find_root, read_head

POSES, TILT, SHIFT = 6, 20.0, 15.0  # of each head; degrees about each axis, mm along it
GRID, VOXEL = 150, 1.5  # of a moved head, mm
NOISE = 0.02  # of the brightest voxel, new with every movement
STILL = "BrainProtonDensitySliceBorder20.png"
SLICES = {  # file: turn in degrees about the image's middle, then shift in mm to the right and down
    "BrainProtonDensitySliceRotated10.png": (10.0, 0.0, 0.0),
    "BrainProtonDensitySliceShifted13x17y.png": (0.0, 13.0, 17.0),
    "BrainProtonDensitySliceR10X13Y17.png": (10.0, 13.0, 17.0),
}


def repeatability(folders: Mapping[str, str | Path | None], seed: int = 5) -> dict[str, dict[str, float]]:
    """Measure how far the planes of one head, moved at random, lie from their mean: name to degrees and mm.

    Args:
        folders: see ``real_heads`` of the skull strip; a head that is not there is left out.
        seed: of the movements and the noise.
    """
    out = {}
    for name, brain, centre in _brains(folders):
        rng = np.random.default_rng(seed)
        planes = []
        for _ in range(POSES):
            moved, affine, motion = _moved(brain, centre, rng)
            planes.append(find_plane(moved, affine).plane.mapped(np.linalg.inv(motion)))
        mean = MidsagittalPlane.mean(planes)
        angles = [plane.angle_to(mean) for plane in planes]
        offsets = [abs(plane.distance_to(centre) - mean.distance_to(centre)) for plane in planes]
        out[name] = _summary(angles, offsets)
    return out


def known_motion(itk_dir: str | Path) -> dict[str, dict[str, float]]:
    """Compare the line of ITK's moved slices with that of the slice at rest, moved as they were: degrees and mm."""
    still, affine, middle = _read_slice(Path(itk_dir) / STILL)
    resting = find_plane(still, affine).plane
    out = {}
    for file, (angle, right, down) in SLICES.items():
        turn = np.eye(4)
        turn[:3, :3] = rotation(0, 0, -angle)  # the rows of a picture grow downwards, so ITK's turn is clockwise
        turn[:3, 3] = middle - turn[:3, :3] @ middle + np.array([right, -down, 0.0])
        truth = resting.mapped(turn)
        line = find_plane(*_read_slice(Path(itk_dir) / file)[:2]).plane
        out[file] = _summary([line.angle_to(truth)], [abs(truth.distance_to(line.point))])
    return out


def _summary(angles: list[float], offsets: list[float]) -> dict[str, float]:
    rows: dict[str, Any] = {"angle_mean": np.mean(angles), "angle_worst": max(angles)}
    rows |= {"offset_mean": np.mean(offsets), "offset_worst": max(offsets)}
    return {key: round(float(value), 3) for key, value in rows.items()}


def _brains(folders: Mapping[str, str | Path | None]) -> Iterator[tuple[str, MetaTensor, np.ndarray]]:
    """Read name, brain and mask (2, X, Y, Z) with the affine, and its centre of mass in RAS+ mm."""
    for name, source in REAL.items():
        root = find_root(source, folders)
        if root is None:
            continue
        image, mask, spacing = read_head(root, source)
        both = torch.from_numpy(np.stack([image * mask, mask.astype(np.float32)]))
        brain = MetaTensor(both, affine=torch.diag(torch.tensor([*spacing, 1.0], dtype=torch.float64)))
        yield name, brain, np.argwhere(mask).mean(axis=0) * spacing


def _moved(brain: MetaTensor, centre: np.ndarray, rng: np.random.Generator) -> tuple[torch.Tensor, np.ndarray, Any]:
    """Turn a brain (1, X, Y, Z) about its centre, shift and resample it once; return affine and motion (4, 4), too."""
    motion = np.eye(4)
    motion[:3, :3] = rotation(*rng.uniform(-TILT, TILT, 3))
    motion[:3, 3] = centre - motion[:3, :3] @ centre + rng.uniform(-SHIFT, SHIFT, 3)
    affine = np.diag([VOXEL, VOXEL, VOXEL, 1.0])
    affine[:3, 3] = centre - VOXEL * (GRID - 1) / 2
    resample = SpatialResample(mode="bilinear", padding_mode="zeros", dtype=np.float32)
    moved = resample(brain, dst_affine=torch.as_tensor(np.linalg.inv(motion) @ affine), spatial_size=(GRID,) * 3)
    image, mask = moved.as_tensor().numpy()
    image = image + NOISE * brain.max().item() * rng.standard_normal(image.shape)
    return torch.from_numpy(np.where(mask > 0.5, image, 0.0).astype(np.float32))[None], affine, motion


def _read_slice(file: Path) -> tuple[torch.Tensor, np.ndarray, np.ndarray]:
    """Read a picture's brain (1, X, Y) with Y to the front, its affine (1 mm), and the middle of the image in mm."""
    from scipy import ndimage
    from skimage.io import imread

    image = imread(file, as_gray=True).astype(np.float32).T
    parts, _ = ndimage.label(ndimage.binary_opening(image > 15 / 255 * image.max(), iterations=2))
    body = ndimage.binary_fill_holes(parts == 1 + int(np.argmax(np.bincount(parts.ravel())[1:])))
    affine = np.diag([1.0, -1.0, 1.0, 1.0])
    affine[1, 3] = image.shape[1] - 1
    middle = affine @ [*((np.array(image.shape) - 1) / 2), 0.0, 1.0]
    return torch.from_numpy(np.where(body, image + 1e-3, 0.0).astype(np.float32))[None], affine, middle[:3]
