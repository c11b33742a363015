"""A simulated scanner: it turns a head into a scan with contrast, tilt, partial volume, a bias field and noise."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import torch
from torch.nn import functional as F

from ..blur import blur
from .anatomy import CLASSES, FULL, Head
from .growth import MEAN_TERM
from .head import smooth_noise
from .template import sample

# Mean intensity of each class (1 = full range) at 40.5 weeks, in the order of ``CLASSES``, its change each week,
# and its standard deviation from scan to scan. Unmyelinated white matter is darker than cortex on T1, brighter on T2;
# in adults it is the reverse. The first five aim at the medians of twelve newborns, see ``growth``; others are assumed.
CONTRASTS: dict[str, tuple[float, ...]] = {
    #        csf   cortex white deep  myelin skull fat   skin  soft_a soft_b eye   lens
    "T1w": (0.42, 0.575, 0.50, 0.585, 0.55, 0.10, 0.85, 0.58, 0.45, 0.54, 0.22, 0.48),
    "T2w": (0.80, 0.250, 0.43, 0.300, 0.35, 0.07, 0.50, 0.32, 0.26, 0.36, 0.85, 0.15),
}
WEEKLY: dict[str, tuple[float, ...]] = {
    "T1w": (-0.002, -0.003, 0.001, 0.0, 0.002, 0, 0, 0, 0, 0, 0, 0),
    "T2w": (0.010, -0.003, -0.006, -0.003, -0.004, 0, 0, 0, 0, 0, 0, 0),
}
JITTER: dict[str, tuple[float, ...]] = {
    "T1w": (0.025, 0.006, 0.006, 0.008, 0.015, 0.02, 0.03, 0.03, 0.03, 0.03, 0.03, 0.03),
    "T2w": (0.050, 0.010, 0.012, 0.012, 0.020, 0.02, 0.04, 0.03, 0.03, 0.03, 0.03, 0.03),
}
# Ranges drawn from uniformly for each scan: amplitudes of the fine and the coarse texture and of the bias field, as
# shares of the signal; and of the noise, whose logarithm is uniform, as a share of the full range.
QUALITY: dict[str, dict[str, tuple[float, float]]] = {
    "T1w": {"fine": (0.025, 0.045), "coarse": (0.03, 0.06), "bias": (0.05, 0.14), "noise": (0.003, 0.010)},
    "T2w": {"fine": (0.05, 0.09), "coarse": (0.04, 0.07), "bias": (0.02, 0.06), "noise": (0.004, 0.014)},
    "random": {"fine": (0.01, 0.03), "coarse": (0.005, 0.03), "bias": (0.02, 0.06), "noise": (0.004, 0.03)},
}

# Voxel size in mm; field of view in mm (right-left, back-front, foot-head); height of its centre above the head's, mm.
ACQUISITIONS: dict[str, tuple[tuple[float, ...], tuple[float, ...], float]] = {
    "iso": ((0.8, 0.8, 0.8), (122.0, 152.0, 128.0), -4.0),
    "axial_thin": ((0.6, 0.6, 1.2), (122.0, 152.0, 112.0), 2.0),
    "axial_thick": ((0.5, 0.5, 1.5), (122.0, 152.0, 105.0), 4.0),
}
# Axis codes of the file, and whether the slab is oblique to the patient's axes; half of a cohort is plain RAS.
ORIENTATIONS = (("RAS", False), ("RAS", False), ("RAS", False), ("LAS", False), ("LPS", False), ("LPS", True))
MAX_TILT = 10.0  # degrees, each of pitch, roll and yaw
MAX_SHIFT = 8.0  # mm along each axis
FULL_RANGE = 1000  # the integer that stores an intensity of 1


class Pose(NamedTuple):
    """How the head lies in the scanner: ``scanner = rotation @ head + shift``.

    Attributes:
        rotation: (3, 3), from the head frame to the scanner.
        shift: (3,), RAS+ mm.
    """

    rotation: np.ndarray
    shift: np.ndarray


class Scan(NamedTuple):
    """One acquisition.

    Attributes:
        image: (I, J, K) int16, axes and voxel size as ``affine`` says.
        brain_mask: (I, J, K) uint8.
        affine: (4, 4) voxel to RAS+ mm.
        point: a point of the mid-sagittal plane, RAS+ mm.
        normal: its unit normal, which points to the patient's right.
    """

    image: np.ndarray
    brain_mask: np.ndarray
    affine: np.ndarray
    point: np.ndarray
    normal: np.ndarray


def rotation(pitch: float, roll: float, yaw: float) -> np.ndarray:
    """Return the rotation matrix (3, 3) about the axes right (pitch), anterior (roll) and superior (yaw), degrees."""
    out = np.eye(3)
    for axis, angle in ((0, pitch), (1, roll), (2, yaw)):
        c, s = math.cos(math.radians(angle)), math.sin(math.radians(angle))
        turn = np.eye(3)
        i, j = (axis + 1) % 3, (axis + 2) % 3
        turn[i, i], turn[i, j], turn[j, i], turn[j, j] = c, -s, s, c
        out = turn @ out
    return out


def draw_pose(rng: np.random.Generator) -> Pose:
    """Draw a head position within ``MAX_TILT`` and ``MAX_SHIFT``."""
    return Pose(rotation(*rng.uniform(-MAX_TILT, MAX_TILT, 3)), rng.uniform(-MAX_SHIFT, MAX_SHIFT, 3))


def nudge(pose: Pose, rng: np.random.Generator) -> Pose:
    """Move a head slightly, as between two scans of a session: up to about 1.5 degrees and 1 mm."""
    turn = rotation(*rng.normal(0, 0.7, 3).clip(-1.5, 1.5))
    return Pose(turn @ pose.rotation, pose.shift + rng.normal(0, 0.5, 3).clip(-1, 1))


def draw_means(contrast: str, rng: np.random.Generator, age: float = MEAN_TERM) -> np.ndarray:
    """Draw the mean intensities (len(CLASSES),) for ``T1w``, ``T2w`` or ``random`` (tissues differ by 0.12 or more).

    Args:
        contrast: one of these three.
        rng: source of randomness.
        age: of the head, weeks; it does not matter for ``random``.
    """
    if contrast != "random":
        means = np.array(CONTRASTS[contrast]) + (age - MEAN_TERM) * np.array(WEEKLY[contrast])
        return (means + np.array(JITTER[contrast]) * rng.normal(0, 1, len(CLASSES)).clip(-2, 2)).clip(0.03, 1)
    means = rng.uniform(0.05, 1, len(CLASSES))
    while np.diff(np.sort(means[:3])).min() < 0.12 or means[:3].max() < 0.45:
        means[:3] = rng.uniform(0.1, 1, 3)
    means[3:5] = means[1:3] + rng.normal(0, 0.05, 2)
    means[CLASSES.index("skull")] *= 0.4
    return means.clip(0.02, 1)


def acquire(
    head: Head,
    contrast: str,
    acquisition: str,
    orientation: tuple[str, bool],
    pose: Pose,
    rng: np.random.Generator,
    spacing: float | None = None,
) -> Scan:
    """Scan a head: contrast, point spread, one sampling into the tilted scan grid, bias, noise, integers.

    Args:
        head: the anatomy in the head frame.
        contrast: ``T1w``, ``T2w`` or ``random``.
        acquisition: key of ``ACQUISITIONS``.
        orientation: axis codes of the file, and whether its slab is oblique; a row of ``ORIENTATIONS``.
        pose: how the head lies in the scanner.
        rng: source of randomness.
        spacing: isotropic voxel size in mm instead of the acquisition's.

    Returns:
        The scan with its true mask and mid-sagittal plane.
    """
    generator = torch.Generator().manual_seed(int(rng.integers(2**62)))
    voxel, extent, centre = ACQUISITIONS[acquisition]
    voxel = voxel if spacing is None else (spacing,) * 3
    means = torch.tensor(draw_means(contrast, rng, head.age), dtype=torch.float32)
    fine, coarse, amplitude = (float(rng.uniform(*QUALITY[contrast][name])) for name in ("fine", "coarse", "bias"))
    image = torch.empty(head.brain_mask.shape)
    for plane, out in enumerate(image):  # plane by plane, so that it fits a core's cache
        # The texture scales with the signal, so that air and bone stay dark; fluid has none.
        classes = head.classes[:, plane].float()
        texture = fine * head.texture[0, plane].float() + coarse * head.texture[1, plane].float()
        texture.mul_(1 - classes[0] / FULL).add_(1)
        torch.mul(torch.tensordot(means / FULL, classes, dims=1), texture, out=out)
    # The slice profile blurs before sampling; linear interpolation itself blurs by about 0.4 grid steps.
    for axis, size in enumerate(voxel):
        sigma = float(rng.uniform(0.55, 0.75)) * size / head.spacing
        image = blur(image, math.sqrt(max(sigma**2 - 0.16, 0)), [axis], truncate=2.5)

    # The field of view is centred on the head, roughly.
    affine, shape = _grid(voxel, extent, 0.5 * pose.shift + np.array([0, 0, centre]), orientation, rng)
    to_head = np.linalg.inv(_matrix(pose)) @ affine
    rows = torch.tensor(to_head, dtype=torch.float32)
    j, k = torch.meshgrid(torch.arange(shape[1]), torch.arange(shape[2]), indexing="ij")
    plane_points = rows[:3, 1, None, None] * j + rows[:3, 2, None, None] * k + rows[:3, 3, None, None]
    both = torch.stack([image, head.brain_mask / FULL])
    signal, inside = torch.empty(shape), torch.empty(shape, dtype=torch.uint8)
    for plane in range(shape[0]):
        points = (plane_points + plane * rows[:3, 0, None, None])[:, None]
        values = sample(both, points, head.spacing, head.origin)[:, 0]
        signal[plane], inside[plane] = values[0], values[1] > 0.5

    control = tuple(max(4, math.ceil(n * size / 8)) for n, size in zip(shape, map(abs, voxel), strict=True))
    bias = smooth_noise(control, float(rng.uniform(3.5, 6)), generator)
    bias = F.interpolate(bias[None, None], size=shape, mode="trilinear", align_corners=True)[0, 0]
    signal = signal * torch.exp(amplitude * bias.clamp(-2.5, 2.5))
    noise = float(np.exp(rng.uniform(*np.log(QUALITY[contrast]["noise"]))))
    # The magnitude of a complex signal: the noise has a Rayleigh distribution in air, nearly a normal one in tissue.
    real = signal + noise * torch.randn(shape, generator=generator)
    imaginary = noise * torch.randn(shape, generator=generator)
    stored = (FULL_RANGE * torch.hypot(real, imaginary)).round().clamp(0, 32000).to(torch.int16)
    return Scan(stored.numpy(), inside.numpy(), affine, pose.shift.copy(), pose.rotation[:, 0].copy())


def _matrix(pose: Pose) -> np.ndarray:
    """A pose as a matrix (4, 4) from the head frame to RAS+ mm."""
    out = np.eye(4)
    out[:3, :3], out[:3, 3] = pose.rotation, pose.shift
    return out


def _grid(
    voxel: tuple[float, ...],
    extent: tuple[float, ...],
    centre: np.ndarray,
    orientation: tuple[str, bool],
    rng: np.random.Generator,
) -> tuple[np.ndarray, tuple[int, ...]]:
    """Affine (4, 4) and shape of a scan's grid with the given axis codes, around a centre in RAS+ mm."""
    codes, oblique = orientation
    signs = np.array([1.0 if code in "RAS" else -1.0 for code in codes])
    turn = rotation(*rng.uniform(-8, 8, 3)) if oblique else np.eye(3)
    shape = tuple(round(length / size) for length, size in zip(extent, voxel, strict=True))
    affine = np.eye(4)
    affine[:3, :3] = turn @ np.diag(signs * np.array(voxel))
    affine[:3, 3] = centre - affine[:3, :3] @ ((np.array(shape) - 1) / 2)
    return affine, shape
