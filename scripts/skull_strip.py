"""Finding the brain in a head and setting everything else to exactly 0.

The methods are rows of a table, :data:`METHODS`. All of them keep the image's own grid.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

import numpy as np
import torch
from monai.config import KeysCollection
from monai.data import MetaTensor
from monai.transforms import InvertibleTransform, MapTransform
from monai.utils import convert_to_tensor

from .classic import PLAUSIBLE_ML, classic_mask, nonzero_mask

METHODS = {"classic": classic_mask, "none": nonzero_mask, "given": None}
"""Name of a method -> function of (image (X, Y, Z), spacing mm) -> mask; "given" reads the mask from the
item."""


class SkullStrip(InvertibleTransform):
    """Sets everything but the brain to exactly 0, on the image's own grid.

    The inverse leaves a map as it is: evidence outside the brain was never made.

    Args:
        method: a name of :data:`METHODS`.

    Raises:
        ValueError: if there is no such method.
    """

    def __init__(self, method: str = "classic") -> None:
        if method not in METHODS:
            raise ValueError(f"method must be one of {sorted(METHODS)}, got {method!r}.")
        self.method = method

    @torch.no_grad()
    def __call__(self, img: torch.Tensor, mask: torch.Tensor | None = None) -> tuple[torch.Tensor, torch.Tensor]:
        """Strips a head.

        Args:
            img: (1, X, Y, Z).
            mask: (1, X, Y, Z), non-zero in the brain; only for method "given".

        Returns:
            The brain (1, X, Y, Z), and its mask (1, X, Y, Z) uint8.

        Raises:
            ValueError: if the shapes are wrong, a mask is missing, or the brain found is empty or of an
                impossible volume.
        """
        img = convert_to_tensor(img, track_meta=True)
        of = _of(img)
        if img.ndim != 4 or img.shape[0] != 1:
            raise ValueError(
                f"image{of} must be (1, X, Y, Z), got shape {tuple(img.shape)}: put the channel first "
                "(EnsureChannelFirstd) and pass one volume."
            )
        plain = img.as_tensor()
        if not bool(torch.isfinite(plain).all()):
            raise ValueError(f"image{of} holds NaN or infinite values: replace them before stripping.")
        spacing = np.linalg.norm(img.affine.detach().cpu().double().numpy()[:3, :3], axis=0)
        find = METHODS[self.method]
        brain = find(plain[0].cpu(), spacing).to(plain.device) if find else _given(plain, mask, of)
        _check_volume(brain, spacing, of, self.method)
        out = MetaTensor(torch.where(brain[None], plain, torch.zeros_like(plain))).copy_meta_from(img)
        kept = MetaTensor(brain[None].to(torch.uint8)).copy_meta_from(img)
        self.push_transform(out, extra_info={"method": self.method})
        return out, kept

    def inverse(self, data: torch.Tensor) -> torch.Tensor:
        """Returns ``data`` unchanged, with the trace of the strip taken off."""
        self.pop_transform(data)
        return data


class SkullStripd(MapTransform, InvertibleTransform):
    """Dictionary version of :class:`SkullStrip`.

    Args:
        keys: heads to strip.
        mask_key: where the mask (1, X, Y, Z) uint8 is put; None keeps none.
        method: see :class:`SkullStrip`.
        given_key: where the mask lies for method "given".
        allow_missing_keys: don't raise if a key is missing.

    Raises:
        ValueError: if there is no such method, or "given" comes without ``given_key``.
    """

    def __init__(
        self,
        keys: KeysCollection,
        mask_key: str | None = "brain_mask",
        method: str = "classic",
        given_key: str | None = None,
        allow_missing_keys: bool = False,
    ) -> None:
        super().__init__(keys, allow_missing_keys)
        self.strip = SkullStrip(method)
        if method == "given" and given_key is None:
            raise ValueError("given_key must name the mask's key when method is 'given', got None.")
        self.mask_key, self.given_key = mask_key, given_key

    def __call__(self, data: Mapping[Hashable, Any]) -> dict[Hashable, Any]:
        """Strips every key; with several keys ``mask_key`` holds the mask of the last."""
        d = dict(data)
        for key in self.key_iterator(d):
            d[key], mask = self.strip(d[key], d.get(self.given_key) if self.given_key is not None else None)
            if self.mask_key is not None:
                d[self.mask_key] = mask
        return d

    def inverse(self, data: Mapping[Hashable, Any]) -> dict[Hashable, Any]:
        """Takes the trace of the strip off every key."""
        d = dict(data)
        for key in self.key_iterator(d):
            d[key] = self.strip.inverse(d[key])
        return d


def _of(img: Any) -> str:
    """`` of <file>`` for messages, or nothing where the file isn't known."""
    name = str(img.meta.get("filename_or_obj", "") or "").replace("\\", "/").rsplit("/", 1)[-1]
    return f" of {name}" if name else ""


def _given(image: torch.Tensor, mask: torch.Tensor | None, of: str) -> torch.Tensor:
    if mask is None:
        raise ValueError(f"method 'given' needs a brain mask{of}, found none: set given_key, or use 'classic'.")
    mask = torch.as_tensor(mask)
    if tuple(mask.shape) != tuple(image.shape):
        raise ValueError(
            f"the given brain mask{of} must have the image's shape {tuple(image.shape)}, "
            f"got {tuple(mask.shape)}: load, channel-first and orient both alike."
        )
    return (mask.as_tensor() if isinstance(mask, MetaTensor) else mask)[0].to(image.device) != 0


def _check_volume(brain: torch.Tensor, spacing: np.ndarray, of: str, method: str) -> None:
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
