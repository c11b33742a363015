"""Read a scan, and refuse with a clear word what can't be scored."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from pathlib import Path
from typing import Any

import torch
from monai.config import KeysCollection
from monai.data import MetaTensor, PILReader
from monai.transforms import LoadImaged, MapTransform, Transform

from .affine import NIFTI, judge_affine
from .errors import ScanError
from .png import PICTURES, as_grey, as_slice
from .series_reader import SeriesReader

FEWEST_VOXELS = 8
"""Along each axis; less is no image of a head."""


class LoadScand(LoadImaged):
    """MONAI's ``LoadImaged`` (NIfTI, DICOM, PNG) with errors that name file and cure.

    Of a folder of DICOM files the series that ``dicom.find_series`` puts first is read; a PNG is an axial slice, front
    up, with pixels of the size that makes it a newborn's head. An image that a host has read already is left as it is.

    Args:
        keys: of the paths.
        args: as in ``LoadImaged``.
        kwargs: as in ``LoadImaged``.
    """

    def __init__(self, keys: KeysCollection, *args: Any, **kwargs: Any) -> None:
        super().__init__(keys, *args, **kwargs)
        self.register(PILReader(converter=as_grey))
        self.register(SeriesReader())

    def __call__(self, data: Mapping[Hashable, Any], reader: Any = None) -> dict[Hashable, Any]:
        """Load every key.

        Raises:
            FileNotFoundError: if there is no such file.
            ScanError: if it can't be read as an image.
        """
        d = dict(data)
        if all(isinstance(d[key], torch.Tensor) for key in self.key_iterator(d)):
            return d
        for key in self.key_iterator(d):
            if not Path(d[key]).exists():
                raise FileNotFoundError(f"{d[key]}: no such file. Check the path or the datalist.")
        files = [str(d[key]) for key in self.key_iterator(d)]
        try:
            for file in files:
                _check_numbers(file)
            d = super().__call__(d, reader)
        except ScanError:
            raise
        except PermissionError as error:
            raise ScanError("no_permission", f"{', '.join(files)}: may not be read. Change its permissions.") from error
        except Exception as error:
            raise ScanError(
                "unreadable",
                f"{', '.join(files)}: can't be read as an image. Expected NIfTI (.nii, .nii.gz), a folder with a DICOM "
                f"series, or a PNG slice, whole; the reader said: {type(error).__name__}: "
                f"{(str(error).strip().splitlines() or ['nothing'])[0]}",
            ) from error
        for key, file in zip(self.key_iterator(d), files, strict=True):
            if file.lower().endswith(PICTURES):
                d[key] = as_slice(d[key])
        return d


def _check_numbers(file: str) -> None:
    """Refuse NIfTI of complex or coloured voxels, of which a conversion would keep a part and say nothing."""
    if not file.endswith(NIFTI):
        return
    import nibabel as nib

    stored = nib.load(file).get_data_dtype()
    if stored.kind not in "iuf":
        raise ScanError(
            "not_real", f"{Path(file).name}: voxels of type {stored}, expected one number each. Export the magnitude."
        )


def check_scan(image: MetaTensor, strict: bool = True) -> MetaTensor:
    """Check that a scan can be scored, and leave in its ``meta["measurements"]`` what was found.

    Args:
        image: (1, X, Y, Z), or (1, X, Y) of a picture, with its affine, voxel to RAS mm.
        strict: refuse a scan whose affine says nothing about left and right; else its voxel size stands in, and
            ``measurements["affine_fault"]`` says why.

    Raises:
        ScanError: for more than three dimensions, too few voxels, NaN or infinite values, an image without content, or
            an affine that is missing or singular; the message names the file, what was found, and the cure.
    """
    name = Path(str(image.meta.get("filename_or_obj", "the image"))).name
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
            "Is it the right file, and was it written whole?",
        )
    if not picture:
        affine, found = judge_affine(image)
        if strict and found["affine_fault"] in ("no_affine", "singular_affine"):
            raise ScanError(
                found["affine_fault"],
                f"{name}: no readable affine (found {torch.as_tensor(image.affine).tolist()}, or sform_code and "
                "qform_code are 0), so that left and right are unknown. "
                "Write the file again from its DICOM series, or set the sform of the NIfTI header.",
            )
        image.affine = torch.as_tensor(affine)
        measurements.update(found)
    image.meta["measurements"] = measurements
    return image


class CheckScan(Transform):
    """Array version of :func:`check_scan`."""

    def __init__(self, strict: bool = True) -> None:
        self.strict = strict

    def __call__(self, img: MetaTensor) -> MetaTensor:
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
        d = dict(data)
        for key in self.key_iterator(d):
            d[key] = self.checker(d[key])
        return d
