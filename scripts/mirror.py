"""Finding the mid-sagittal plane: the one about which the two sides of a brain look most alike.

A head is registered to its own mirror image. All coordinates are RAS+ mm unless said otherwise.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np
import torch
import torch.nn.functional as F
from monai.data import MetaTensor

from .plane import MidsagittalPlane, smallest_rotation

TILTS = (-30.0, -24.0, -18.0, -12.0, -6.0, 0.0, 6.0, 12.0, 18.0, 24.0, 30.0)
"""Yaws and rolls of the first look, degrees."""

OFFSETS = (-12.0, -6.0, 0.0, 6.0, 12.0)
"""Distances of the plane from the brain's centre of mass at the first look, mm."""

LEVELS = ((8.0, (3.0, 1.5)), (4.0, (1.5, 0.75)), (2.0, (0.6, 0.3, 0.15)))
"""Coarse to fine: grid in mm, then the steps of the refinement there, in degrees and mm alike."""

STARTS = 5
"""Candidates of the first look that are followed up."""

MOST_PAIRS = 15_000
"""A large brain gets a coarser grid, so that its cost stays that of a small one."""

CONTRAST_RANGE = (0.02, 0.98)
"""Brain intensities outside these quantiles are clipped: a very bright lesion must not outvote the
anatomy."""

BRAIN_FLOOR = 0.3
"""Darkest brain value after rescaling to (0.3, 1.3); outside the brain is 0, so the outline counts as
well."""

CHUNK = 1_000_000
"""Points sampled at a time; bounds the memory."""

DESIGN = np.array(list(itertools.product((-1.0, 0.0, 1.0), repeat=3)))
"""The 27 neighbours of a candidate, in steps."""

MOVES = 6
"""How often a refinement may walk before its step is taken as settled."""

SEED = 20
"""Of the private generator that scatters the sampling points."""


def find_plane(
    image: torch.Tensor, affine: torch.Tensor | np.ndarray, source: str = ""
) -> tuple[MidsagittalPlane, float]:
    """Finds the plane about which a brain is most like its own mirror image.

    Points in mirrored pairs about a candidate plane are sampled on a coarse copy, and the candidate is scored
    by the normalised cross-correlation (NCC) of the two members, as in Ardekani et al. 1997 (IEEE Trans. Med.
    Imaging 16:947). The best of a grid of yaw, roll and offset about the brain's centre are refined by
    fitting a paraboloid to their 27 neighbours, at ever finer levels. Nothing is random but the fixed
    scatter of the points, and every step is mirror-symmetric: a mirrored head gives the mirrored plane.

    Args:
        image: (X, Y, Z) or (1, X, Y, Z), a stripped brain: exactly 0 outside. Axes near RAS+; a head may be
            turned by up to about 30 degrees.
        affine: 4x4, voxel to RAS+ mm.
        source: name of the scan for error messages.

    Returns:
        The plane (its point is the centre of mass brought onto it) and the NCC there, at most 1.

    Raises:
        ValueError: if the image has no such shape, or is 0 everywhere.
    """
    levels = _pyramid(image, np.asarray(affine, dtype=np.float64), source)
    centre = levels[-1].centre
    first = levels[0]
    pairs = first.pairs(MidsagittalPlane(centre, (1.0, 0.0, 0.0)), everything=True)
    tilts = np.array(list(itertools.product(TILTS, TILTS, OFFSETS)))
    starts = _peaks(tilts, first.score(pairs, tilts))
    # A brain seen from the front is nearly round: more than one tilt looks right until the folds are seen.
    for level, (_, steps) in zip(levels[:-1], LEVELS[:-1], strict=True):
        starts = [_settle(level, start, steps) for start in starts]
    scores = [float(levels[-2].score(levels[-2].pairs(_plane(centre, s)), s[None])[0]) for s in starts]
    best = _settle(levels[-1], starts[int(np.argmax(scores))], LEVELS[-1][1])
    plane = _plane(centre, best)
    score = levels[-1].score(levels[-1].pairs(plane), best[None])
    return plane, float(score[0])


def plane_similarity(image: torch.Tensor, affine: torch.Tensor | np.ndarray, plane: MidsagittalPlane) -> float:
    """The NCC of a brain with its mirror image about a given plane; arguments as :func:`find_plane`."""
    level = _pyramid(image, np.asarray(affine, dtype=np.float64), "", LEVELS[-1:])[0]
    here = MidsagittalPlane(plane.point, plane.normal)
    # The plane's own point is arbitrary; the one nearest to the brain keeps the sampled box round the brain.
    shift = here.distance_to(level.centre) * np.array(here.normal)
    here = MidsagittalPlane(tuple(np.array(level.centre) - shift), here.normal)
    return float(level.score_planes(level.pairs(here), [here])[0])


class _Level:
    """A coarse copy of a brain that can be sampled anywhere.

    Args:
        volume: (1, 2, X, Y, Z): values, 0 outside the brain, and the share of brain in each voxel.
        affine: 4x4, voxel to RAS+ mm.
        grid: distance of the sampling points, mm.
        centre: the brain's centre of mass, RAS+ mm.
        radius: distance of the farthest brain voxel from it, mm.
    """

    def __init__(
        self,
        volume: torch.Tensor,
        affine: np.ndarray,
        grid: float,
        centre: tuple,
        radius: float,
    ) -> None:
        self.volume = volume
        self.inverse, self.grid, self.centre, self.radius = np.linalg.inv(affine), grid, centre, radius

    def sample(self, points: torch.Tensor) -> torch.Tensor:
        """Values and mask at (B, N, 3) points, trilinear, as (2, B, N); 0 outside the field of view."""
        inverse = torch.as_tensor(self.inverse, dtype=torch.float32)
        size = torch.tensor(self.volume.shape[2:], dtype=torch.float32)
        index = points @ inverse[:3, :3].T + inverse[:3, 3]
        where = ((2 * index + 1) / size - 1).flip(-1)
        return F.grid_sample(self.volume, where[None, :, :, None], align_corners=False)[0, ..., 0]

    def pairs(self, plane: MidsagittalPlane, everything: bool = False) -> torch.Tensor:
        """Scattered points (N, 3) of the right half in the head's axes whose pair touches the brain."""
        reach = self.radius + self.grid
        steps = torch.arange(0.0, reach, self.grid)
        both = torch.cat([-steps.flip(0) - self.grid, steps])
        points = torch.cartesian_prod(steps, both, both)
        generator = torch.Generator().manual_seed(SEED)
        points = points + self.grid * torch.rand(points.shape, generator=generator)
        points = points[points.norm(dim=1) < reach]
        if everything:
            return points
        mask = self.sample(_place(points, [plane]))[1]
        # A point just outside may come inside when the plane moves by a step.
        return points[(mask > 0).any(dim=0)]

    def score(self, points: torch.Tensor, tilts: np.ndarray) -> np.ndarray:
        """NCC (K,) of the candidates (K, 3): yaw, roll, offset."""
        return self.score_planes(points, [_plane(self.centre, tilt) for tilt in tilts])

    def score_planes(self, points: torch.Tensor, planes: Sequence[MidsagittalPlane]) -> np.ndarray:
        """NCC (K,) of the planes over the pairs of which at least one member is brain."""
        chunk = max(1, CHUNK // (2 * len(points)))
        scores = []
        for start in range(0, len(planes), chunk):
            values, mask = self.sample(_place(points, planes[start : start + chunk])).unflatten(1, (2, -1))
            weight = mask.amax(dim=0).double()
            scores.append(_ncc(values[0].double(), values[1].double(), weight))
        return torch.cat(scores).numpy()


def _pyramid(image: torch.Tensor, affine: np.ndarray, source: str, wanted: Sequence = LEVELS) -> list[_Level]:
    """Coarse copies of a brain, mirror-symmetric: a flipped image gives the flipped copies."""
    image = torch.as_tensor(image)
    image = (image.as_tensor() if isinstance(image, MetaTensor) else image).detach().cpu().float()
    image = image[0] if image.ndim == 4 and image.shape[0] == 1 else image
    of = f" of {source}" if source else ""
    if image.ndim != 3:
        raise ValueError(f"image{of} must be (X, Y, Z) or (1, X, Y, Z), got shape {tuple(image.shape)}.")
    inside = image != 0
    if not bool(inside.any()):
        raise ValueError(f"the image{of} is 0 everywhere, so it has no midline: check the brain mask.")
    spans = []
    for axis in range(3):
        hit = inside.any(dim=(axis + 1) % 3).any(dim=(0 if axis == 2 else int(axis == 0)))
        found = hit.nonzero().flatten()
        spans.append((int(found[0]), int(found[-1]) + 1))
    crop = tuple(slice(*span) for span in spans)
    image, inside = image[crop], inside[crop]
    affine = affine @ _shift([span[0] for span in spans])

    brain = image[inside]
    brain = brain[:: max(1, brain.numel() // 200_000)].sort().values
    low, high = (float(brain[int(q * (brain.numel() - 1))]) for q in CONTRAST_RANGE)
    # A brain of one intensity still has an outline.
    values = ((image - low) / (high - low if high > low else 1.0)).clamp(0, 1).add(BRAIN_FLOOR) * inside

    volume_mm3 = float(inside.sum()) * abs(float(np.linalg.det(affine[:3, :3])))
    voxel = np.linalg.norm(affine[:3, :3], axis=0)
    finest = max(LEVELS[-1][0], (volume_mm3 / 2 / MOST_PAIRS) ** (1 / 3), float(np.prod(voxel)) ** (1 / 3))
    both = torch.stack([values, inside.float()])[None]
    levels = []
    for grid, _ in wanted:
        grid = max(grid, finest)
        size = [max(1, round(length * step / grid)) for length, step in zip(image.shape, voxel, strict=True)]
        size = [min(new, old) for new, old in zip(size, image.shape, strict=True)]
        # Adaptive averaging treats both ends of an axis alike, whatever its length; strided pooling would
        # not.
        small = F.interpolate(both, size=size, mode="area")
        scale = np.array(image.shape) / np.array(size)
        to_fine = np.diag([*scale, 1.0])
        to_fine[:3, 3] = (scale - 1) / 2
        levels.append((small, affine @ to_fine, grid))
    fine, fine_affine, _ = levels[-1]
    mass = fine[0, 1].double()
    where = [
        float((mass.sum(dim=tuple(a for a in range(3) if a != axis)) * torch.arange(length)).sum() / mass.sum())
        for axis, length in enumerate(mass.shape)
    ]
    centre = fine_affine[:3, :3] @ np.array(where) + fine_affine[:3, 3]
    voxels = np.argwhere(mass.numpy() > 0) @ fine_affine[:3, :3].T + fine_affine[:3, 3]
    radius = float(np.linalg.norm(voxels - centre, axis=1).max())
    return [
        _Level(_blur(small), matrix @ _shift([-1, -1, -1]), grid, tuple(centre), radius)
        for small, matrix, grid in levels
    ]


def _shift(offset: Sequence[int]) -> np.ndarray:
    matrix = np.eye(4)
    matrix[:3, 3] = offset
    return matrix


def _blur(volume: torch.Tensor) -> torch.Tensor:
    """A binomial blur, one voxel wider on every side: without it interpolation itself favours some
    offsets."""
    kernel = torch.tensor([0.25, 0.5, 0.25])
    weight = torch.einsum("i,j,k->ijk", kernel, kernel, kernel)[None, None]
    volume = F.pad(volume, [2] * 6)
    return F.conv3d(volume.transpose(0, 1), weight).transpose(0, 1)


def _plane(centre: Sequence[float], tilt: Sequence[float] | np.ndarray) -> MidsagittalPlane:
    """The plane of a yaw and roll in degrees and an offset along the normal from the centre, mm."""
    yaw, roll = np.radians(tilt[0]), np.radians(tilt[1])
    normal = np.array([np.cos(roll) * np.cos(yaw), np.cos(roll) * np.sin(yaw), -np.sin(roll)])
    return MidsagittalPlane(tuple(np.array(centre) + tilt[2] * normal), tuple(normal))


def _place(points: torch.Tensor, planes: Sequence[MidsagittalPlane]) -> torch.Tensor:
    """Points (N, 3) of the right half and their mirror images under K planes: (2 K, N, 3), RAS+ mm."""
    frames = torch.as_tensor(
        np.stack([np.column_stack([smallest_rotation(np.array(p.normal)), p.point]) for p in planes]),
        dtype=torch.float32,
    )
    left = points * torch.tensor([-1.0, 1.0, 1.0])
    both = torch.cat([points @ frames[:, :, :3].transpose(1, 2), left @ frames[:, :, :3].transpose(1, 2)])
    return both + frames[:, None, :, 3].repeat(2, 1, 1)


def _ncc(first: torch.Tensor, second: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
    """Weighted NCC over the last axis, symmetric in its first two arguments."""
    total = weight.sum(dim=-1, keepdim=True).clamp_min(1e-9)
    first = first - (weight * first).sum(dim=-1, keepdim=True) / total
    second = second - (weight * second).sum(dim=-1, keepdim=True) / total
    cross = (weight * first * second).sum(dim=-1)
    power = (weight * first.square()).sum(dim=-1) * (weight * second.square()).sum(dim=-1)
    return cross / power.clamp_min(1e-12).sqrt()


def _peaks(tilts: np.ndarray, scores: np.ndarray) -> list[np.ndarray]:
    """The best candidates of the first look that are no neighbours of a better one."""
    reach = np.array([TILTS[1] - TILTS[0], TILTS[1] - TILTS[0], OFFSETS[1] - OFFSETS[0]]) * 1.5
    peaks: list[np.ndarray] = []
    for tilt in tilts[np.argsort(-scores)]:
        if all((np.abs(tilt - peak) > reach).any() for peak in peaks):
            peaks.append(tilt)
        if len(peaks) == STARTS:
            break
    return peaks


def _settle(level: _Level, best: np.ndarray, steps: Sequence[float]) -> np.ndarray:
    """Refines a candidate by ever smaller steps."""
    for step in steps:
        best = _refine(level, level.pairs(_plane(level.centre, best)), best, step)
    return best


def _refine(level: _Level, pairs: torch.Tensor, best: np.ndarray, step: float) -> np.ndarray:
    """Walks to the best of the neighbours, then to the top of the paraboloid through them."""
    for _ in range(MOVES):
        scores = level.score(pairs, best + step * DESIGN)
        winner = DESIGN[int(np.argmax(scores))]
        if not winner.any():
            break
        best = best + step * winner
    products = [DESIGN[:, i] * DESIGN[:, j] for i, j in itertools.combinations_with_replacement(range(3), 2)]
    terms = np.column_stack([np.ones(len(DESIGN)), DESIGN, *products])
    fit = np.linalg.lstsq(terms, scores, rcond=None)[0]
    xx, xy, xz, yy, yz, zz = fit[4:]
    curvature = np.array([[2 * xx, xy, xz], [xy, 2 * yy, yz], [xz, yz, 2 * zz]])
    if winner.any() or np.linalg.eigvalsh(curvature)[-1] >= 0:
        return best
    return best + step * np.clip(-np.linalg.solve(curvature, fit[1:4]), -1, 1)
