"""Real heads to train the skull strip on, beside the label maps: scans whose brain mask is known."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from monai.data import load_decathlon_datalist
from monai.transforms import LoadImage, Transform
from scipy.ndimage import affine_transform
from torch import Tensor

from ...io.affine import voxel_size
from ..bounding_box import bounds
from ..canvas import normalize
from ..learned import CANONICAL_ML
from ..reorient import to_ras
from .label_maps import STEP

MARGIN_MM = 60.0
"""What is kept of a head around its brain, in adult size."""


def real_heads(datalist: str | None, copies: int = 1) -> list[dict[str, Any]]:
    """List the real heads of a training.

    Args:
        datalist: MONAI datalist (JSON) whose ``training`` scans have a ``brain_mask``; None for no real heads.
        copies: how often each is seen in an epoch, every time as another random image.

    Returns:
        Items for :class:`ReadRealHeadd`.

    Raises:
        ValueError: if a scan of the datalist has no ``brain_mask``.
    """
    found = load_decathlon_datalist(datalist, data_list_key="training") if datalist else []
    for scan in found:
        if "brain_mask" not in scan:
            raise ValueError(
                f"{datalist}: expected a 'brain_mask' for every scan, found none for {scan['image']}: add it, or leave "
                "the scan out."
            )
    return [{"image": scan["image"], "brain_mask": scan["brain_mask"]} for scan in found] * copies


class ReadRealHeadd(Transform):
    """Read a scan and its brain mask on the grid of the label maps; an item without a scan passes.

    The head is enlarged so that its brain has the canonical volume, as the label maps are. To MONAI this is no random
    transform, so its data sets may cache it.
    """

    def __call__(self, data: dict[str, Any]) -> dict[str, Any]:
        """Read the head.

        Args:
            data: with ``image`` and ``brain_mask``, two files on one grid; or any other item.

        Returns:
            ``head`` (1, X, Y, Z) in [0, 1.2] and ``brain`` (1, X, Y, Z) uint8, RAS+ axes, voxels of ``STEP`` mm in
            adult size.
        """
        if "image" not in data:
            return data
        image, mask = (LoadImage(image_only=True, ensure_channel_first=True)(data[k]) for k in ("image", "brain_mask"))
        affine = np.asarray(image.affine, dtype=float)
        spacing = voxel_size(affine)
        head, order = to_ras(image.as_tensor()[0].float(), affine)
        brain, _ = to_ras(mask.as_tensor()[0] > 0, affine)
        sides = np.asarray(spacing)[list(order.axes)]
        volume = float(brain.sum()) * float(np.prod(sides)) / 1000
        step = STEP * (volume / CANONICAL_ML) ** (1 / 3)
        return {"head": normalize(_on_grid(head, brain, sides, step))[None], "brain": _mask(brain, sides, step)[None]}


def _on_grid(values: Tensor, brain: Tensor, sides: np.ndarray, step: float) -> Tensor:
    """Resample (X, Y, Z) around the brain to voxels of ``step`` mm."""
    low, high = bounds(brain)
    margin = MARGIN_MM * step / STEP / sides
    start, stop = np.maximum(low - margin, 0), np.minimum(high + margin, brain.shape)
    shape = np.maximum(1, np.round((stop - start) * sides / step)).astype(int)
    ratio = step / sides
    grid = affine_transform(values.numpy(), ratio, start + (ratio - 1) / 2, tuple(shape), order=1, mode="nearest")
    return torch.from_numpy(grid)


def _mask(brain: Tensor, sides: np.ndarray, step: float) -> Tensor:
    return (_on_grid(brain.float(), brain, sides, step) > 0.5).to(torch.uint8)
