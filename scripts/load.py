"""Read a scan, and refuse with a clear word what can't be scored."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from pathlib import Path
from typing import Any

import torch
from monai.config import KeysCollection
from monai.data import MetaTensor
from monai.transforms import LoadImaged, MapTransform, Transform


class LoadScand(LoadImaged):
    """MONAI's ``LoadImaged`` (NIfTI, or a folder of one DICOM series) with errors that name file and cure.

    Args:
        keys: of the paths.
        args: as in ``LoadImaged``.
        kwargs: as in ``LoadImaged``.
    """

    def __init__(self, keys: KeysCollection, *args: Any, **kwargs: Any) -> None:
        super().__init__(keys, *args, **kwargs)

    def __call__(self, data: Mapping[Hashable, Any], reader: Any = None) -> dict[Hashable, Any]:
        """Load every key.

        Raises:
            FileNotFoundError: if there is no such file.
            ValueError: if it can't be read as an image.
        """
        for key in self.key_iterator(dict(data)):
            if not Path(data[key]).exists():
                raise FileNotFoundError(f"{data[key]}: no such file. Check the path or the datalist.")
        try:
            return super().__call__(data, reader)
        except Exception as error:
            files = ", ".join(str(data[key]) for key in self.key_iterator(dict(data)))
            raise ValueError(
                f"{files}: can't be read as an image. Expected NIfTI (.nii, .nii.gz) or a folder with one DICOM "
                f"series; the reader said: {type(error).__name__}: {str(error).strip().splitlines()[0]}"
            ) from error


def check_scan(image: MetaTensor) -> MetaTensor:
    """Check that a scan can be scored, and hand it on as it is.

    Args:
        image: (1, X, Y, Z) with its affine, voxel to RAS mm.

    Raises:
        ValueError: for more than three dimensions, NaN or infinite values, an image without content, an affine
            that is missing or singular; the message names the file, what was found, and the cure.
    """
    name = Path(str(image.meta.get("filename_or_obj", "the image"))).name
    if image.ndim != 4 or image.shape[0] != 1 or min(image.shape[1:]) < 2:
        raise ValueError(
            f"{name}: expected one 3-D volume, found an array of shape {tuple(image.shape[1:])} with "
            f"{image.shape[0]} channel(s). Give one volume (of a 4-D series, say, its mean)."
        )
    finite = torch.isfinite(image)
    if not finite.all():
        raise ValueError(
            f"{name}: {int((~finite).sum())} voxels are NaN or infinite, expected numbers. "
            "Replace them (by 0 outside the head) or write the file again."
        )
    if image.max() == image.min():
        raise ValueError(
            f"{name}: every voxel has the value {float(image.max()):g}, expected the image of a head. "
            "Is it the right file, and was it written whole?"
        )
    affine = torch.as_tensor(image.affine)
    codes = [image.meta.get(key) for key in ("sform_code", "qform_code")]
    unknown = all(code is not None and int(code) == 0 for code in codes)
    if unknown or not torch.isfinite(affine).all() or abs(float(torch.det(affine[:3, :3]))) < 1e-6:
        found = "sform_code and qform_code are 0" if unknown else f"found {affine.tolist()}"
        raise ValueError(
            f"{name}: no readable affine ({found}), so that left and right are unknown. "
            "Write the file again from its DICOM series, or set the sform of the NIfTI header."
        )
    return image


class CheckScan(Transform):
    """Array version of :func:`check_scan`."""

    def __call__(self, img: MetaTensor) -> MetaTensor:
        return check_scan(img)


class CheckScand(MapTransform):
    """Dictionary version of :func:`check_scan`."""

    def __init__(self, keys: KeysCollection, allow_missing_keys: bool = False) -> None:
        super().__init__(keys, allow_missing_keys)
        self.checker = CheckScan()

    def __call__(self, data: Mapping[Hashable, MetaTensor]) -> dict[Hashable, MetaTensor]:
        d = dict(data)
        for key in self.key_iterator(d):
            d[key] = self.checker(d[key])
        return d
