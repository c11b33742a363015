"""Refuse a loaded scan that can't be scored, with a code for programs and a sentence for people."""

from __future__ import annotations

from collections.abc import Hashable, Mapping

import torch
from monai.config import KeysCollection
from monai.data import MetaTensor
from monai.transforms import MapTransform, Transform

from .affine import judge_affine
from .errors import ScanError
from .scan_file import scan_name

FEWEST_VOXELS = 8
"""Along each axis; an image of fewer is not that of a head."""


def check_scan(image: MetaTensor, strict: bool = True) -> MetaTensor:
    """Check that a scan can be scored, and put what was measured of its affine into ``meta["measurements"]``.

    Args:
        image: (1, X, Y, Z), or (1, X, Y) for a picture, with its affine, voxel to RAS+ mm.
        strict: refuse a scan whose affine is missing or singular. If false, an affine made of the voxel size stands in,
            and ``measurements["affine_fault"]`` says why.

    Raises:
        ScanError: for more than three dimensions, too few voxels, NaN or infinite values, an image without content, or
            an affine that is missing or singular. The message names the file, what was found, and the cure.
    """
    name = scan_name(image, "the image")
    measurements = dict(image.meta.get("measurements", {}))
    picture = measurements.get("affine_fault") == "picture" and image.ndim == 3
    if (image.ndim != 4 and not picture) or image.shape[0] != 1:
        raise ScanError(
            "not_3d",
            f"{name}: expected one 3-D volume, found an array of shape {tuple(image.shape[1:])} with "
            f"{image.shape[0]} channel(s). Give one volume (of a 4-D series, say, its mean; of DICOM, the folder).",
        )
    if min(image.shape[1:]) < FEWEST_VOXELS:
        raise ScanError(
            "too_small",
            f"{name}: {' x '.join(map(str, image.shape[1:]))} voxels, expected {FEWEST_VOXELS} or more along each "
            "axis. Give the volume of a whole head.",
        )
    finite = torch.isfinite(image)
    if not finite.all():
        raise ScanError(
            "not_finite",
            f"{name}: {int((~finite).sum())} voxels are NaN or infinite, expected numbers. "
            "Replace them (by 0 outside the head) or write the file again.",
        )
    if image.max() == image.min():
        raise ScanError(
            "empty",
            f"{name}: every voxel has the value {float(image.max()):g}, expected the image of a head. "
            "Check that it is the right file and that it is complete.",
        )
    if not picture:
        affine, of_affine = judge_affine(image)
        if strict and of_affine["affine_fault"] in ("no_affine", "singular_affine"):
            raise ScanError(
                of_affine["affine_fault"],
                f"{name}: no usable affine (found {torch.as_tensor(image.affine).tolist()}, or sform_code and "
                "qform_code are 0), so that left and right are unknown. "
                "Write the file again from its DICOM series, or set the sform of the NIfTI header.",
            )
        image.affine = torch.as_tensor(affine)
        measurements.update(of_affine)
    image.meta["measurements"] = measurements
    return image


class CheckScan(Transform):
    """Array version of :func:`check_scan`.

    Args:
        strict: see :func:`check_scan`.
    """

    def __init__(self, strict: bool = True) -> None:
        self.strict = strict

    def __call__(self, img: MetaTensor) -> MetaTensor:
        """Check one scan."""
        return check_scan(img, self.strict)


class CheckScand(MapTransform):
    """Dictionary version of :func:`check_scan`.

    Args:
        keys: the scans to check.
        strict: see :func:`check_scan`.
        allow_missing_keys: don't raise if a key is missing.
    """

    def __init__(self, keys: KeysCollection, strict: bool = True, allow_missing_keys: bool = False) -> None:
        super().__init__(keys, allow_missing_keys)
        self.checker = CheckScan(strict)

    def __call__(self, data: Mapping[Hashable, MetaTensor]) -> dict[Hashable, MetaTensor]:
        """Check every key."""
        d = dict(data)
        for key in self.key_iterator(d):
            d[key] = self.checker(d[key])
        return d
