"""The brain mask on the voxels of the scan's file."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

from monai.config import KeysCollection
from monai.transforms import Compose, MapTransform, Orientationd


class NativeMaskd(MapTransform):
    """Undo the reorientation of a mask, without interpolation.

    Args:
        keys: of the masks (1, X, Y[, Z]) that ``SkullStripd`` made.
        transform: the preprocessing; its ``Orientationd`` is undone.
        allow_missing_keys: do not raise an error for a missing key: some hosts pass on image and evidence alone.
    """

    def __init__(self, keys: KeysCollection, transform: Compose, allow_missing_keys: bool = True) -> None:
        super().__init__(keys, allow_missing_keys)
        self.orientation = next(t for t in transform.transforms if isinstance(t, Orientationd))

    def __call__(self, data: Mapping[Hashable, Any]) -> dict[Hashable, Any]:
        d = dict(data)
        image_keys = self.orientation.keys
        for key in self.key_iterator(d):
            d[key] = self.orientation.inverse({name: d[key] for name in image_keys})[image_keys[0]]
        return d
