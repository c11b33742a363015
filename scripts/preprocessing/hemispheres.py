"""An aligned head as a pair of hemispheres, and back.

Channel 0 is the left hemisphere, mirrored at the midline; channel 1 is the right hemisphere as scanned. Left and right
are the patient's. Along the second axis index 0 touches the midline in both, so a pixel lies on its mirror image in the
other hemisphere. If the head has an odd number of columns, the middle one is the midline and belongs to both.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import Any

import torch
from monai.config import KeysCollection
from monai.data import MetaTensor
from monai.transforms import InvertibleTransform, MapTransform
from monai.utils import TraceKeys, convert_to_tensor

__all__ = ["SplitHemispheres", "SplitHemispheresd", "merge_hemispheres", "split_hemispheres"]


def split_hemispheres(image: torch.Tensor, size: Sequence[int] | None = None, divisible: int = 16) -> torch.Tensor:
    """Cut an aligned head at the middle of its first spatial axis.

    Args:
        image: (1, X, Y) or (1, X, Y, Z), X growing to the patient's right; the plane lies between X/2-1 and X/2
            or, where X is odd, on column (X-1)/2.
        size: (H, W) of the result: H is padded with zeros or cut on the lateral side only, so that index 0 stays the
            midline, and W evenly at both ends. None pads both to a multiple of ``divisible``.
        divisible: used if ``size`` is None; 1 pads nothing.

    Returns:
        (2, H, W) or (2, H, W, Z), see the top of this file.

    Raises:
        ValueError: if the image does not have one channel and two or three axes, or has fewer than two columns.
    """
    _check_image(image)
    height, width = _pair_size(tuple(image.shape[1:]), size, divisible)
    columns = _hemisphere_width(image.shape[1])
    pair = torch.cat([image[:, :columns].flip(1), image[:, -columns:]], dim=0)
    return _fit(_fit(pair, dim=1, length=height, centred=False), dim=2, length=width, centred=True)


def merge_hemispheres(pair: torch.Tensor, spatial_size: Sequence[int]) -> torch.Tensor:
    """Merge two hemispheres: the inverse of :func:`split_hemispheres`.

    Args:
        pair: (2, H, W) or (2, H, W, Z), see the top of this file.
        spatial_size: (X, Y) or (X, Y, Z) of the aligned head; only X and Y are used.

    Returns:
        (1, X, Y) or (1, X, Y, Z) of the pair's type; 0 where the split has cut something off. A column that belongs to
        both hemispheres is their mean.

    Raises:
        ValueError: if the pair does not have two channels, or X is less than two.
    """
    if pair.ndim not in (3, 4) or pair.shape[0] != 2:
        raise ValueError(
            f"pair must be (2, H, W) or (2, H, W, Z), got shape {tuple(pair.shape)}: "
            "pass both channels (left, right) of one head, without the batch axis."
        )
    size_x, size_y = int(spatial_size[0]), int(spatial_size[1])
    _check_width(size_x)
    columns = _hemisphere_width(size_x)
    pair = _fit(_fit(pair, dim=1, length=columns, centred=False), dim=2, length=size_y, centred=True)
    left, right = pair[:1], pair[1:]
    if size_x % 2:
        middle = (left[:, :1] / 2 + right[:, :1] / 2).to(pair.dtype)
        return torch.cat([left[:, 1:].flip(1), middle, right[:, 1:]], dim=1)
    return torch.cat([left.flip(1), right], dim=1)


class SplitHemispheres(InvertibleTransform):
    """Cut an aligned head into its two hemispheres: (1, X, Y[, Z]) to (2, H, W[, Z]).

    The affine of the result is that of channel 1, the right hemisphere; one affine can't describe both. The inverse
    merges any map (2, H, W[, Z]) on the same grid to (1, X, Y[, Z]).

    Args:
        size: fixed (H, W) of the pair, or None; see :func:`split_hemispheres`.
        divisible: see :func:`split_hemispheres`.

    Raises:
        ValueError: if ``size`` is not two positive integers or None, or ``divisible`` not a positive integer.
    """

    def __init__(self, size: Sequence[int] | None = None, divisible: int = 16) -> None:
        if divisible < 1:
            raise ValueError(f"divisible must be a positive integer, got {divisible}: pass 1 to pad nothing.")
        if size is not None and (len(size) != 2 or min(size) < 1):
            raise ValueError(f"size must be two positive integers (H, W) or None, got {tuple(size)}.")
        self.size = None if size is None else (int(size[0]), int(size[1]))
        self.divisible = int(divisible)

    def __call__(self, img: torch.Tensor) -> torch.Tensor:
        """Split ``img`` (1, X, Y[, Z]); see :func:`split_hemispheres`."""
        img = convert_to_tensor(img, track_meta=True)
        spatial_size = tuple(img.shape[1:])
        pair = split_hemispheres(img, self.size, self.divisible)
        if isinstance(img, MetaTensor):
            pair = MetaTensor(pair).copy_meta_from(img)
            origin = _right_hemisphere_origin(spatial_size, tuple(pair.shape[1:]))
            self.push_transform(pair, orig_size=spatial_size, affine=origin, extra_info={"origin": origin})
        return pair

    def inverse(self, data: MetaTensor) -> MetaTensor:
        """Merge ``data`` (2, H, W[, Z]) to the aligned grid (1, X, Y[, Z])."""
        info = self.pop_transform(data)
        merged = MetaTensor(merge_hemispheres(data, info[TraceKeys.ORIG_SIZE])).copy_meta_from(data)
        origin = torch.as_tensor(info[TraceKeys.EXTRA_INFO]["origin"], dtype=torch.float64)
        merged.affine = torch.as_tensor(data.affine, dtype=torch.float64).cpu() @ torch.linalg.inv(origin.cpu())
        return merged


class SplitHemispheresd(MapTransform, InvertibleTransform):
    """Dictionary version of :class:`SplitHemispheres`.

    Args:
        keys: the aligned heads to split.
        size: see :class:`SplitHemispheres`.
        divisible: see :class:`SplitHemispheres`.
        allow_missing_keys: don't raise if a key is missing.
    """

    def __init__(
        self,
        keys: KeysCollection,
        size: Sequence[int] | None = None,
        divisible: int = 16,
        allow_missing_keys: bool = False,
    ) -> None:
        super().__init__(keys, allow_missing_keys)
        self.split = SplitHemispheres(size, divisible)

    def __call__(self, data: Mapping[Hashable, Any]) -> dict[Hashable, Any]:
        """Split every key."""
        d = dict(data)
        for key in self.key_iterator(d):
            d[key] = self.split(d[key])
        return d

    def inverse(self, data: Mapping[Hashable, Any]) -> dict[Hashable, Any]:
        """Merge every key."""
        d = dict(data)
        for key in self.key_iterator(d):
            d[key] = self.split.inverse(d[key])
        return d


def _check_image(image: torch.Tensor) -> None:
    """Refuse an image that can't be split."""
    if image.ndim not in (3, 4) or image.shape[0] != 1:
        raise ValueError(
            f"image must be (1, X, Y) or (1, X, Y, Z), got shape {tuple(image.shape)}: "
            "split one channel of one head at a time, channel first."
        )
    _check_width(image.shape[1])


def _check_width(size_x: int) -> None:
    """Refuse a head of fewer than two columns."""
    if size_x < 2:
        raise ValueError(f"the left-right axis X must have two voxels or more to be split, got {size_x}.")


def _hemisphere_width(size_x: int) -> int:
    """Number of columns of a hemisphere, the shared middle one included."""
    return size_x - size_x // 2


def _pair_size(spatial_size: tuple[int, ...], size: Sequence[int] | None, divisible: int) -> tuple[int, int]:
    """(H, W) of a pair, see :func:`split_hemispheres`."""
    if size is not None:
        return int(size[0]), int(size[1])
    height, width = (
        -(-length // divisible) * divisible for length in (_hemisphere_width(spatial_size[0]), spatial_size[1])
    )
    return height, width


def _start(old: int, new: int, centred: bool) -> int:
    """Index of the first element of the old axis on the new one; negative if the beginning is cut off."""
    # Floor division is not symmetric about 0, and the inverse must undo it exactly.
    return 0 if not centred else (new - old) // 2 if new >= old else -((old - new) // 2)


def _fit(tensor: torch.Tensor, dim: int, length: int, centred: bool) -> torch.Tensor:
    """Pad one axis with zeros or crop it to a length, at its end or evenly at both ends."""
    old = tensor.shape[dim]
    start = _start(old, length, centred)
    if length <= old:
        return tensor.narrow(dim, -start, length)
    shape = list(tensor.shape)
    shape[dim] = length
    out = tensor.new_zeros(shape)
    out.narrow(dim, start, old).copy_(tensor)
    return out


def _right_hemisphere_origin(spatial_size: tuple[int, ...], pair_size: tuple[int, ...]) -> torch.Tensor:
    """The 4x4 matrix from the voxels of the right hemisphere to those of the aligned head."""
    origin = torch.eye(4, dtype=torch.float64)
    origin[0, 3] = spatial_size[0] // 2
    origin[1, 3] = -_start(spatial_size[1], pair_size[1], centred=True)
    return origin
