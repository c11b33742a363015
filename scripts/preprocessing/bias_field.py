"""Divide a brain by its bias field, the slow change of brightness that comes from the coil and not from the tissue.

The methods are rows of a table, :data:`METHODS`.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any

import numpy as np
import torch
from monai.config import KeysCollection
from monai.data import MetaTensor
from monai.transforms import MapTransform
from torch import Tensor

from ..io.affine import voxel_size
from ..skull_strip.bias_field import bias_field as nearby_brightness
from ..skull_strip.bounding_box import bounds
from ..skull_strip.canvas import Canvas, centred_canvas, from_canvas, to_canvas
from ..skull_strip.learned import BRAIN_VOXEL_MM, CANONICAL_MM

DEFAULT = "none"
"""The method that is used if none is named: the shipped weights have seen uncorrected scans only."""

N4_VOXEL_MM = {2: 1.0, 3: 3.0}
"""Voxel size of the small copy that N4 works on, for a slice and for a volume: a bias field needs no finer one."""

N4_KNOTS_MM = 50.0
"""About the smallest distance between the knots of N4's splines; the first level spans the brain, the next halves
it. With 25 mm the splines follow the fluid round a small brain, and N4 takes longer."""

N4_MOST_LEVELS, N4_ITERATIONS = 4, 50
"""Levels of N4 at most, and iterations at each; both are N4's own defaults for an adult's head."""

MARGIN = 2
"""Voxels of a small copy beyond the brain, so that interpolation within the brain never reaches its border."""


def correct_bias_field(brain: Tensor, spacing: Sequence[float], method: str = DEFAULT) -> Tensor:
    """Divide a brain by its bias field.

    Args:
        brain: stripped (1, X, Y, Z), or an axial slice (1, X, Y); background exactly 0.
        spacing: voxel size along each axis, mm.
        method: a name in :data:`METHODS`.

    Returns:
        The same shape; the background stays exactly 0. The field's geometric mean within the brain is 1.

    Raises:
        ValueError: if there is no such method.
        ModuleNotFoundError: if the method is "n4" and SimpleITK is not installed.
    """
    estimate = _method(method)
    tissue = brain[0] > 0  # the logarithm of anything else means nothing
    if estimate is None or not bool(tissue.any()):
        return brain
    volume, mask = (part.detach().cpu().reshape(*brain.shape[1:3], -1) for part in (brain[0], tissue))
    log_field = estimate(volume.float(), mask, np.asarray(spacing, dtype=float))
    log_field = (log_field - log_field[mask].mean()).reshape(brain.shape).to(brain.device)
    return torch.where(brain != 0, brain / log_field.exp(), 0.0)


class CorrectBiasFieldd(MapTransform):
    """Correct the bias field of stripped brains, see :func:`correct_bias_field`.

    Args:
        keys: of MetaTensors (1, X, Y, Z) or (1, X, Y), exactly 0 outside the brain.
        method: a name in :data:`METHODS`.

    Raises:
        ValueError: if there is no such method.
        ModuleNotFoundError: if the method is "n4" and SimpleITK is not installed.
    """

    def __init__(self, keys: KeysCollection, method: str = DEFAULT) -> None:
        super().__init__(keys)
        _method(method)  # an error comes before the first scan
        self.method = method

    def __call__(self, data: Mapping[Hashable, Any]) -> dict[Hashable, Any]:
        """Correct every key; its metadata stay."""
        d = dict(data)
        for key in self.key_iterator(d):
            spacing = voxel_size(d[key].affine)[: d[key].ndim - 1].tolist()
            made = correct_bias_field(d[key].as_tensor().float(), spacing, self.method)
            d[key] = MetaTensor(made).copy_meta_from(d[key])
        return d


def smooth_field(volume: Tensor, mask: Tensor, spacing: np.ndarray) -> Tensor:
    """Estimate the logarithm of the bias field as the skull strip does, see ``skull_strip.bias_field``.

    Args:
        volume: (X, Y, Z), or (X, Y, 1) of a slice, not negative within the mask.
        mask: likewise, boolean.
        spacing: voxel size along each axis, mm; two numbers for a slice.

    Returns:
        (X, Y, Z) or (X, Y, 1).
    """
    low, high = bounds(mask)
    axes = range(len(spacing))
    # The size of the brain as a share of the canonical one: it sets how far "nearby" reaches.
    size = float(np.median([(high[axis] - low[axis]) * spacing[axis] / CANONICAL_MM[axis] for axis in axes]))
    canvas, values, brain = _small_copy(volume, mask, spacing, BRAIN_VOXEL_MM * size)
    return from_canvas(nearby_brightness(values, brain).log(), canvas, volume.shape, outside=0.0)


def n4_field(volume: Tensor, mask: Tensor, spacing: np.ndarray) -> Tensor:
    """Estimate the logarithm of the bias field with N4 (Tustison et al. 2010, doi:10.1109/TMI.2010.2046908).

    Args:
        volume: (X, Y, Z), or (X, Y, 1) of a slice, positive within the mask.
        mask: likewise, boolean.
        spacing: voxel size along each axis, mm; two numbers for a slice.

    Returns:
        (X, Y, Z) or (X, Y, 1).
    """
    import SimpleITK as sitk  # noqa: N813

    voxel = N4_VOXEL_MM[len(spacing)]
    canvas, values, brain = _small_copy(volume, mask, spacing, voxel)
    if len(spacing) == 2:
        values, brain = values[..., 0], brain[..., 0]
    small = sitk.GetImageFromArray(values.numpy())
    levels = 1 + round(float(np.log2(max(1.0, max(values.shape) * voxel / N4_KNOTS_MM))))
    n4 = sitk.N4BiasFieldCorrectionImageFilter()
    n4.SetMaximumNumberOfIterations([N4_ITERATIONS] * min(N4_MOST_LEVELS, levels))
    n4.Execute(small, sitk.GetImageFromArray(brain.numpy().astype(np.uint8)))
    field = torch.from_numpy(sitk.GetArrayFromImage(n4.GetLogBiasFieldAsImage(small))).float()
    return from_canvas(field.reshape(canvas.size), canvas, volume.shape, outside=0.0)


METHODS: dict[str, Callable[[Tensor, Tensor, np.ndarray], Tensor] | None] = {
    "none": None,
    "smooth": smooth_field,
    "n4": n4_field,
}
"""Name of a method -> function of (volume, mask, spacing) -> logarithm of the bias field. "none" has no field."""


def _method(name: str) -> Callable[[Tensor, Tensor, np.ndarray], Tensor] | None:
    if name not in METHODS:
        raise ValueError(f"bias_field must be one of {sorted(METHODS)}, got {name!r}: choose one of these.")
    if name == "n4" and importlib.util.find_spec("SimpleITK") is None:
        raise ModuleNotFoundError(
            "bias_field 'n4' needs the package SimpleITK, which is not installed: pip install SimpleITK, or use "
            "the method 'smooth'."
        )
    return METHODS[name]


def _small_copy(volume: Tensor, mask: Tensor, spacing: np.ndarray, voxel: float) -> tuple[Canvas, Tensor, Tensor]:
    """Average a brain on a canvas around it, which lies alike in a mirrored brain: canvas, values and mask there."""
    low, high = bounds(mask)
    sides = np.array([*spacing, voxel])[:3]  # the third of a slice, which is one voxel of the canvas thick
    size = np.ceil((high - low) * sides / voxel).astype(int) + 2 * MARGIN
    size[len(spacing) :] = 1
    canvas = centred_canvas(sides, (low + high) / 2, size.tolist(), voxel)
    share = to_canvas(mask.float(), canvas)
    brain = share > 0.5
    # Divided by the share, so that the outline is not darker for the background that is averaged in.
    values = to_canvas(torch.where(mask, volume, 0.0), canvas) / share.clamp(min=0.5)
    return canvas, torch.where(brain, values, 0.0), brain
