"""Signal levels of a scan, measured in it: fluid, white and grey matter, noise, and the softness of its edges."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from ...blur import blur

CONTRASTS = ("T1", "T2")
"""Weightings of a scan: on T2 fluid is bright, on T1 dark."""

SMALLEST_STEP = 0.04
"""Least difference of grey and white matter that is used, as a share of white: noise can hide a smaller one."""


@dataclass(frozen=True)
class Levels:
    """Intensities that a pathology's signals are made of.

    Attributes:
        contrast: of :data:`CONTRASTS`.
        fluid: cerebrospinal fluid.
        white: white matter.
        grey: cortex.
    """

    contrast: str
    fluid: float
    white: float
    grey: float

    def of(self, signal: tuple[float, float]) -> float:
        """Return an intensity: white matter, plus shares of the steps from it to fluid and to grey matter."""
        return self.white + signal[0] * (self.fluid - self.white) + signal[1] * (self.grey - self.white)

    def fluid_share(self, image: Tensor) -> Tensor:
        """Estimate how much of every voxel is fluid, 0 to 1, from its intensity."""
        return ((image - self.white) / (self.fluid - self.white) * 2 - 0.6).clamp(0, 1)


def measure_levels(image: Tensor, depth: Tensor, upper: Tensor, contrast: str | None) -> Levels:
    """Measure the levels of a scan within its brain.

    Args:
        image: (X, Y, Z) on the canvas.
        depth: (X, Y, Z) below the surface of the brain, mm, negative outside.
        upper: (X, Y, Z) bool, the part above the cerebellum.
        contrast: of :data:`CONTRASTS`; None finds it: on T2 the fluid is far brighter than tissue.
    """
    inner = image[(depth > 2.5) & upper]
    low, middle, high = torch.quantile(_thin(inner), torch.tensor([0.01, 0.5, 0.99])).tolist()
    found = contrast or ("T2" if high - middle > middle - low else "T1")
    bright = found == "T2"
    deep = _thin(image[(depth > 7) & (depth < 24) & upper])
    white = float(deep.median())
    fluid = max(high, 1.15 * white) if bright else min(low, 0.9 * white)
    outer = _thin(image[(depth > 3) & (depth < 24) & upper])
    tissue = outer[(outer - white) / (fluid - white) < 0.5]
    grey = float(torch.quantile(tissue, 0.12 if bright else 0.88))
    step = max(abs(grey - white), SMALLEST_STEP * white)
    return Levels(found, fluid, white, white - step if bright else white + step)


def shading(image: Tensor, depth: Tensor, levels: Levels) -> Tensor:
    """Estimate the slow change of brightness across the head, relative to 1, from white matter alone.

    Args:
        image: (X, Y, Z) on the canvas.
        depth: (X, Y, Z) below the surface of the brain, mm.
        levels: of the scan.
    """
    band = 0.6 * abs(levels.grey - levels.white) + 0.05 * levels.white
    weight = ((depth > 3) & ((image - levels.white).abs() < band)).float()
    coarse = F.avg_pool3d(torch.stack([weight, weight * image])[None], 4, ceil_mode=True)[0]
    weight, total = blur(coarse, 3.0, axes=(-3, -2, -1))
    ratio = ((total + 0.02 * levels.white) / (weight + 0.02) / levels.white).clamp(0.75, 1.33)
    return F.interpolate(ratio[None, None], size=image.shape, mode="trilinear", align_corners=False)[0, 0]


def _thin(values: Tensor) -> Tensor:
    """Return values in order, no more than ``torch.quantile`` takes."""
    values = values.sort().values
    return values[:: len(values) // 1_000_000 + 1]
