"""What a pathology needs to know of a head: its extents, depths, ventricles and levels, on the canvas."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from scipy import ndimage
from torch import Tensor

from ...midline.plane import MidsagittalPlane
from .canvas import ACROSS, SIDES, Canvas
from .levels import Levels, measure_levels, shading
from .ventricle import ventricle_distance

CEREBELLUM = ((0.32, -0.46, -0.66), (0.31, 0.36, 0.27))
"""Centre and radii of a cerebellar hemisphere, as shares of the brain's half extents."""


@dataclass(frozen=True)
class Half:
    """One half of a head. Tensors are (X, Y, Z); x grows away from the midline, y to anterior, z to superior.

    Attributes:
        image: intensities.
        depth: below the surface of the brain mask, mm; negative outside.
        uvw: coordinates as shares of the brain's half extents, 0 at the midline and in the middle of the box.
        xyz: the same in mm.
        ventricle: signed distance to the wall of the lateral ventricle, mm, negative inside.
        levels: of the scan.
        extent: half extents of the brain, mm: away from the midline, anterior, superior.
        step: of the grid, mm.
    """

    image: Tensor
    depth: Tensor
    uvw: tuple[Tensor, Tensor, Tensor]
    xyz: tuple[Tensor, Tensor, Tensor]
    ventricle: Tensor
    levels: Levels
    extent: tuple[float, float, float]
    step: float

    def near(self, centre: tuple[float, float, float], radii: tuple[float, float, float]) -> Tensor:
        """Distance from an ellipsoid's surface, about in mm, negative inside; both as shares of the half extents."""
        axes = [((c - m) / s) ** 2 for c, m, s in zip(self.uvw, centre, radii, strict=True)]
        r = torch.stack(axes).sum(0).sqrt()
        size = float(np.mean([s * e for s, e in zip(radii, self.extent, strict=True)]))
        return (r - 1) * size

    @property
    def cerebellum(self) -> Tensor:
        """Signed distance to the surface of the cerebellar hemisphere, about in mm, negative inside."""
        return torch.maximum(self.near(*CEREBELLUM), -self.depth)

    @property
    def hemisphere(self) -> Tensor:
        """The cerebral hemisphere of this side, bool."""
        u, v, w = self.uvw
        hindbrain = (w < -0.36 + 0.25 * (v + 0.3).clamp(max=0)) & (v < -0.02)
        return (self.depth > 0) & (u > 0) & ~hindbrain

    def millilitres(self, share: Tensor) -> float:
        """Volume of a partial volume or mask."""
        return float(share.sum()) * self.step**3 / 1000


@dataclass(frozen=True)
class Anatomy:
    """A head on its canvas: what is measured once, for any number of pathologies.

    Attributes:
        canvas: the grid.
        halves: by side.
        levels: of the scan.
        shading: (X, Y, Z) slow change of brightness on the canvas, relative to 1.
    """

    canvas: Canvas
    halves: dict[str, Half]
    levels: Levels
    shading: Tensor


def find_anatomy(
    image: np.ndarray, affine: np.ndarray, brain_mask: np.ndarray, plane: MidsagittalPlane, contrast: str | None = None
) -> Anatomy:
    """Measure a head.

    Args:
        image: (X, Y, Z).
        affine: (4, 4) voxels to RAS+ mm.
        brain_mask: (X, Y, Z), not 0 in the brain.
        plane: mid-sagittal, RAS+ mm.
        contrast: ``T1`` or ``T2``; None measures it.
    """
    canvas = Canvas.around(brain_mask > 0, affine, plane)
    brain = canvas.sample(brain_mask > 0)
    voxels = canvas.sample(image)
    inside = (brain > 0.49).numpy()  # below a half: where a node lies between voxels, rounding must not decide
    distance = ndimage.distance_transform_edt(inside) - ndimage.distance_transform_edt(~inside)
    depth = torch.from_numpy((canvas.step * ndimage.gaussian_filter(distance, 1.0)).astype(np.float32))
    x, y, z = (
        (low + canvas.step * torch.arange(n, dtype=torch.float32)).view([-1 if m == k else 1 for m in range(3)])
        for k, (low, n) in enumerate(zip(canvas.low.tolist(), canvas.shape, strict=True))
    )
    spans = [_span(torch.from_numpy(inside), axis, (x, y, z)[axis].flatten()) for axis in range(3)]
    width = (spans[0][1] - spans[0][0]) / 2
    middle = (0.0, sum(spans[1]) / 2, sum(spans[2]) / 2)
    extent = (width, (spans[1][1] - spans[1][0]) / 2, (spans[2][1] - spans[2][0]) / 2)
    w = ((z - middle[2]) / extent[2]).expand(canvas.shape)
    levels = measure_levels(voxels, depth, w > -0.25, contrast)
    shade = shading(voxels, depth, levels)
    even = voxels / shade
    halves = {}
    for side in SIDES:
        image_half, depth_half = canvas.half(even, side), canvas.half(depth, side)
        start = canvas.shape[0] // 2 - round(ACROSS / canvas.step)
        xyz = tuple(c.expand(image_half.shape) for c in (x[start:], y - middle[1], z - middle[2]))
        uvw = tuple(c / e for c, e in zip(xyz, extent, strict=True))
        wall = ventricle_distance(image_half, depth_half, uvw, levels, canvas.step)
        halves[side] = Half(image_half, depth_half, uvw, xyz, wall, levels, extent, canvas.step)
    return Anatomy(canvas, halves, levels, shade)


def _span(inside: Tensor, axis: int, position: Tensor) -> tuple[float, float]:
    """Positions between which all but 0.4 % of a mask lie along an axis, without a jump from node to node."""
    counts = inside.sum([k for k in range(3) if k != axis]).double().numpy()
    share = np.concatenate([[0.0], counts.cumsum() / counts.sum()])
    edges = np.append(position.numpy(), 2 * position[-1] - position[-2]) - float(position[1] - position[0]) / 2
    low, high = np.interp([0.002, 0.998], share, edges)
    return float(low), float(high)
