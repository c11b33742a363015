"""Skull stripping as a MONAI transform: the brain is segmented, and everything else is set to exactly 0.

The methods are rows of a table, :data:`METHODS`. All of them keep the image's own grid.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Hashable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from monai.config import KeysCollection
from monai.data import MetaTensor
from monai.transforms import InvertibleTransform, MapTransform
from monai.utils import convert_to_tensor

from ..io.affine import voxel_size
from ..io.scan_file import of_scan
from .already_stripped import nonzero_mask
from .classic import PLAUSIBLE_ML, classic_mask
from .external_tools import EXTERNAL_TOOLS, external_mask, require_tool
from .given_mask import given_mask
from .learned import learned_mask, own_weights, sha256
from .reorient import from_ras, to_ras
from .slice_as_slab import slice_mask

Method = Callable[[torch.Tensor, np.ndarray], torch.Tensor]

METHODS: dict[str, Method | None] = {
    "learned": learned_mask,
    "classic": classic_mask,
    "none": nonzero_mask,
    "given": None,
    **{name: partial(external_mask, name) for name in EXTERNAL_TOOLS},
}
"""Name of a method -> function of (image (X, Y, Z) in RAS order, spacing in mm) -> mask (X, Y, Z). "given" has none: it
reads a mask that exists already (``given_mask.given_mask``)."""

EDITION = 4
"""Rises when the masks change. Every transform holds it, so that a cache makes pairs of an earlier edition again."""

WEIGHTS_SUFFIX = ".pt"
"""A method that ends so is a file of weights of the learned method."""

DEFAULT = "learned"
"""The method that is used if none is named."""


class SkullStrip(InvertibleTransform):
    """Set everything but the brain to exactly 0, on the image's own grid.

    Every method gets the axes in RAS order, whatever their order in the file. The inverse leaves a map as it is: there
    is no evidence outside the brain.

    Args:
        method: a name in :data:`METHODS`: "learned" (a network; the default, since it also works with unusual contrasts
            and cut fields of view), "classic" (thresholds and morphology, no weights), "given" (a mask that exists
            already), "none" (stripped before: all voxels but 0), or the tool of another project, if installed. A path
            that ends in ``.pt`` is the learned method with these weights.

    Raises:
        ValueError: if there is no such method.
        FileNotFoundError: if it is a path of weights that do not exist.
        ModuleNotFoundError: if it is the tool of another project, which is not installed.
    """

    def __init__(self, method: str = DEFAULT) -> None:
        self.edition = f"{EDITION}"
        if method.endswith(WEIGHTS_SUFFIX):
            self.edition += f" {sha256(Path(method))}"
        elif method not in METHODS:
            raise ValueError(f"method must be one of {sorted(METHODS)} or a file of weights (.pt), got {method!r}.")
        if method in EXTERNAL_TOOLS:
            require_tool(method)
        self.method = method

    @torch.no_grad()
    def __call__(
        self, img: torch.Tensor, mask: torch.Tensor | str | os.PathLike | None = None
    ) -> tuple[MetaTensor, MetaTensor]:
        """Strip a head.

        Args:
            img: (1, X, Y, Z), or an axial slice (1, X, Y); a MetaTensor with its affine, voxel to RAS+ mm.
            mask: only for method "given": of the image's shape, not 0 in the brain; or a file; or None for the
                ``desc-brain_mask`` beside the scan.

        Returns:
            The brain, and its mask (uint8), both in the image's shape.

        Raises:
            ValueError: if a shape is wrong, the mask is missing, or the brain is empty or its volume impossible.
        """
        head: MetaTensor = convert_to_tensor(img, track_meta=True)
        name = of_scan(head)
        if head.ndim not in (3, 4) or head.shape[0] != 1:
            raise ValueError(
                f"image{name} must be (1, X, Y, Z), or a slice (1, X, Y), got shape {tuple(head.shape)}: put the "
                "channel first (EnsureChannelFirstd) and pass one volume."
            )
        plain = head.as_tensor()
        if not bool(torch.isfinite(plain).all()):
            raise ValueError(f"image{name} holds NaN or infinite values: replace them before stripping.")
        affine = head.affine.detach().cpu().double().numpy()
        spacing = voxel_size(affine)
        find = own_weights(self.method) if self.method.endswith(WEIGHTS_SUFFIX) else METHODS[self.method]
        if find is None:
            brain = given_mask(head, mask)
        elif head.ndim == 3:
            brain = slice_mask(find, plain[0], spacing).to(plain.device)
        else:
            ras, order = to_ras(plain[0], affine)
            brain = from_ras(find(ras, spacing[list(order.axes)]), order).to(plain.device)
        _check_volume(brain, spacing, name, self.method)
        out = MetaTensor(torch.where(brain[None], plain, torch.zeros_like(plain))).copy_meta_from(head)
        kept = MetaTensor(brain[None].to(torch.uint8)).copy_meta_from(head)
        self.push_transform(out, extra_info={"method": self.method})
        return out, kept

    def inverse(self, data: torch.Tensor) -> torch.Tensor:
        """Return ``data`` unchanged, without its record of this transform."""
        self.pop_transform(data)
        return data


class SkullStripd(MapTransform, InvertibleTransform):
    """Dictionary version of :class:`SkullStrip`.

    Args:
        keys: heads to strip.
        mask_key: key for the mask (1, X, Y, Z) uint8; None keeps no mask.
        method: see :class:`SkullStrip`.
        given_key: key of the mask, or of its file, for method "given". If it is None, or the item lacks it, the
            ``desc-brain_mask`` beside the scan is used.
        allow_missing_keys: don't raise if a key is missing.

    Raises:
        ValueError: if there is no such method.
        ModuleNotFoundError: if it is the tool of another project, which is not installed.
    """

    def __init__(
        self,
        keys: KeysCollection,
        mask_key: str | None = "brain_mask",
        method: str = DEFAULT,
        given_key: str | None = None,
        allow_missing_keys: bool = False,
    ) -> None:
        super().__init__(keys, allow_missing_keys)
        self.strip = SkullStrip(method)
        self.mask_key, self.given_key = mask_key, given_key

    def __call__(self, data: Mapping[Hashable, Any]) -> dict[Hashable, Any]:
        """Strip every key; with several keys ``mask_key`` holds the mask of the last."""
        d = dict(data)
        for key in self.key_iterator(d):
            d[key], mask = self.strip(d[key], d.get(self.given_key) if self.given_key is not None else None)
            if self.mask_key is not None:
                d[self.mask_key] = mask
        return d

    def inverse(self, data: Mapping[Hashable, Any]) -> dict[Hashable, Any]:
        """Remove the record of this transform from every key."""
        d = dict(data)
        for key in self.key_iterator(d):
            d[key] = self.strip.inverse(d[key])
        return d


def _check_volume(brain: torch.Tensor, spacing: np.ndarray, name: str, method: str) -> None:
    """Refuse a brain mask that is empty or has an impossible volume."""
    if brain.ndim == 2:
        if not bool(brain.any()):
            raise ValueError(
                f"skull stripping ({method!r}){name} found no brain at all in the slice: check that it is axial and "
                "shows brain, or pass a brain mask (method 'given')."
            )
        return
    volume = float(brain.sum()) * float(np.prod(spacing)) / 1000
    low, high = PLAUSIBLE_ML
    if low <= volume <= high:
        return
    result = "no brain at all" if volume == 0 else f"a brain of {volume:.0f} ml"
    raise ValueError(
        f"skull stripping ({method!r}){name} found {result}, expected {low:.0f} to {high:.0f} ml with voxels of "
        f"{' x '.join(f'{s:.2g}' for s in spacing)} mm: check the voxel size and the field of view, "
        "or pass a brain mask (method 'given') or an already stripped image (method 'none')."
    )
