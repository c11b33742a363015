"""Finding the brain in a head and setting everything else to exactly 0.

The methods are rows of a table, :data:`METHODS`. All of them keep the image's own grid.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Hashable, Mapping
from functools import partial
from typing import Any

import numpy as np
import torch
from monai.config import KeysCollection
from monai.data import MetaTensor
from monai.transforms import InvertibleTransform, MapTransform
from monai.utils import convert_to_tensor

from .already_stripped import nonzero_mask
from .classic import PLAUSIBLE_ML, classic_mask
from .external_tools import PEERS, peer_mask, require_peer
from .given_mask import given_mask
from .learned import learned_mask
from .reorient import from_ras, to_ras
from .slice_as_slab import slice_mask

Method = Callable[[torch.Tensor, np.ndarray], torch.Tensor]

METHODS: dict[str, Method | None] = {
    "learned": learned_mask,
    "classic": classic_mask,
    "none": nonzero_mask,
    "given": None,
    **{name: partial(peer_mask, name) for name in PEERS},
}
"""Name of a method -> function of (image (X, Y, Z) in RAS order, spacing mm) -> mask; "given" reads a mask
that is there already (``given.given_mask``)."""

EDITION = 3
"""Counts the changes of what the methods find. Every transform holds it, so that pairs which a cache kept from an
earlier edition are made anew."""

DEFAULT = "learned"
"""The method that is used where none is named."""


class SkullStrip(InvertibleTransform):
    """Set everything but the brain to exactly 0, on the image's own grid.

    Every method sees the axes in RAS order, whatever the file's. The inverse leaves a map as it is: evidence outside
    the brain was never made.

    Args:
        method: a name of :data:`METHODS`: "learned" (a network; the default, since it also holds on odd contrasts and
            cut fields of view), "classic" (thresholds and morphology, no weights), "given" (a mask that is there
            already), "none" (already stripped: all but 0), or another project's, if installed.

    Raises:
        ValueError: if there is no such method.
        ModuleNotFoundError: if it is another project's that is not installed.
    """

    def __init__(self, method: str = DEFAULT) -> None:
        if method not in METHODS:
            raise ValueError(f"method must be one of {sorted(METHODS)}, got {method!r}.")
        if method in PEERS:
            require_peer(method)
        self.method, self.edition = method, EDITION

    @torch.no_grad()
    def __call__(
        self, img: torch.Tensor, mask: torch.Tensor | str | os.PathLike | None = None
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Strip a head.

        Args:
            img: (1, X, Y, Z), or an axial slice (1, X, Y).
            mask: only for method "given": the image's shape, non-zero in the brain; or a file; or None, the
                ``desc-brain_mask`` beside the scan.

        Returns:
            The brain, and its mask (uint8), both in the image's shape.

        Raises:
            ValueError: if the shapes are wrong, a mask is missing, or the brain found is empty or of an
                impossible volume.
        """
        img = convert_to_tensor(img, track_meta=True)
        of = _of(img)
        if img.ndim not in (3, 4) or img.shape[0] != 1:
            raise ValueError(
                f"image{of} must be (1, X, Y, Z), or a slice (1, X, Y), got shape {tuple(img.shape)}: put the channel "
                "first (EnsureChannelFirstd) and pass one volume."
            )
        plain = img.as_tensor()
        if not bool(torch.isfinite(plain).all()):
            raise ValueError(f"image{of} holds NaN or infinite values: replace them before stripping.")
        affine = img.affine.detach().cpu().double().numpy()
        spacing = np.linalg.norm(affine[:3, :3], axis=0)
        find = METHODS[self.method]
        if find is None:
            brain = given_mask(img, mask, of)
        elif img.ndim == 3:
            brain = slice_mask(find, plain[0], spacing).to(plain.device)
        else:
            ras, order = to_ras(plain[0], affine)
            brain = from_ras(find(ras, spacing[list(order.axes)]), order).to(plain.device)
        _check_volume(brain, spacing, of, self.method)
        out = MetaTensor(torch.where(brain[None], plain, torch.zeros_like(plain))).copy_meta_from(img)
        kept = MetaTensor(brain[None].to(torch.uint8)).copy_meta_from(img)
        self.push_transform(out, extra_info={"method": self.method})
        return out, kept

    def inverse(self, data: torch.Tensor) -> torch.Tensor:
        """Return ``data`` unchanged, with the trace of the strip taken off."""
        self.pop_transform(data)
        return data


class SkullStripd(MapTransform, InvertibleTransform):
    """Dictionary version of :class:`SkullStrip`.

    Args:
        keys: heads to strip.
        mask_key: where the mask (1, X, Y, Z) uint8 is put; None keeps none.
        method: see :class:`SkullStrip`.
        given_key: where the mask, or its file, lies for method "given"; None, or an item without it, takes the
            ``desc-brain_mask`` beside the scan.
        allow_missing_keys: don't raise if a key is missing.

    Raises:
        ValueError: if there is no such method.
        ModuleNotFoundError: if it is another project's that is not installed.
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
        """Take the trace of the strip off every key."""
        d = dict(data)
        for key in self.key_iterator(d):
            d[key] = self.strip.inverse(d[key])
        return d


def _of(img: Any) -> str:
    """`` of <file>`` for messages, or nothing where the file isn't known."""
    name = str(img.meta.get("filename_or_obj", "") or "").replace("\\", "/").rsplit("/", 1)[-1]
    return f" of {name}" if name else ""


def _check_volume(brain: torch.Tensor, spacing: np.ndarray, of: str, method: str) -> None:
    if brain.ndim == 2:
        if not bool(brain.any()):
            raise ValueError(
                f"skull stripping ('{method}'){of} found no brain at all in the slice: check that it is axial and "
                "shows brain, or pass a brain mask (method 'given')."
            )
        return
    found = float(brain.sum()) * float(np.prod(spacing)) / 1000
    low, high = PLAUSIBLE_ML
    if low <= found <= high:
        return
    what = "no brain at all" if found == 0 else f"a brain of {found:.0f} ml"
    raise ValueError(
        f"skull stripping ('{method}'){of} found {what}, expected {low:.0f} to {high:.0f} ml with voxels of "
        f"{' x '.join(f'{s:.2g}' for s in spacing)} mm: check the voxel size and the field of view, "
        "or pass a brain mask (method 'given') or an already stripped image (method 'none')."
    )
