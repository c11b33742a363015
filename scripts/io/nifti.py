"""NIfTI files: opened once, with all that later steps ask of the header kept in the image's metadata."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypedDict

import numpy as np
from monai.config import PathLike
from monai.data import MetaTensor, NibabelReader
from monai.data.utils import correct_nifti_header_if_necessary

from .errors import ScanError
from .scan_file import scan_file

SUFFIXES = (".nii.gz", ".nii")
"""Endings of the names of NIfTI files."""

KEY = "nifti_header"
"""Where the metadata of an image holds its :class:`NiftiHeader`."""


class NiftiHeader(TypedDict):
    """The header as it is stored, before MONAI's reader corrects it.

    Attributes:
        sform_code: 0 if the sform says nothing.
        qform_code: 0 if the qform says nothing.
        sform: (4, 4) voxel to RAS+ mm; the identity if its code is 0.
        qform: (4, 4) voxel to RAS+ mm; the identity if its code is 0.
        pixdim: (3,) sides of a voxel in mm, which may be 0, negative or not finite in a damaged header.
        dtype: NumPy's name of the type that the voxels are stored in.
        slope: factor between the stored voxels and their values.
    """

    sform_code: int
    qform_code: int
    sform: np.ndarray
    qform: np.ndarray
    pixdim: np.ndarray
    dtype: str
    slope: float


def nifti_header(image: MetaTensor) -> NiftiHeader | None:
    """Return the stored header of an image.

    Our reader has kept it. If a host has loaded the image with a reader of its own, it is read from the file, once.

    Args:
        image: with its metadata.

    Returns:
        The header; None if the image did not come from a NIfTI file that still exists.
    """
    if KEY not in image.meta:
        file = scan_file(image)
        if file is None or not (file.name.endswith(SUFFIXES) and file.exists()):
            return None
        import nibabel as nib

        image.meta[KEY] = stored_header(nib.load(file))
    return image.meta[KEY]


def stored_header(image: Any) -> NiftiHeader:
    """Return the header of nibabel's image."""
    (sform, sform_code), (qform, qform_code) = (
        read(coded=True) for read in (image.header.get_sform, image.header.get_qform)
    )
    return {
        "sform_code": int(sform_code),
        "qform_code": int(qform_code),
        "sform": np.eye(4) if sform is None else sform,
        "qform": np.eye(4) if qform is None else qform,
        "pixdim": np.array(image.header["pixdim"][1:4], dtype=np.float64),
        "dtype": str(image.get_data_dtype()),
        "slope": float(image.dataobj.slope),
    }


class NiftiReader(NibabelReader):
    """MONAI's reader of NIfTI, which also puts :class:`NiftiHeader` at ``nifti_header`` of the metadata."""

    def read(self, data: Sequence[PathLike] | PathLike, **kwargs: Any) -> Any:
        """Open the files.

        Raises:
            ScanError: if a voxel holds more than one real number, of which a conversion would keep a part in silence.
        """
        self.filenames = [data] if isinstance(data, str | Path) else list(data)  # type: ignore[arg-type]
        images = [self._open(Path(str(file)), {**self.kwargs, **kwargs}) for file in self.filenames]
        return images if len(images) > 1 else images[0]

    def get_data(self, img: Any) -> tuple[Any, dict]:
        """Return the voxels (X, Y, Z) and their metadata."""
        array, meta = super().get_data(img)
        return array, {**meta, **(img[0] if isinstance(img, list) else img).extra}

    def _open(self, file: Path, options: dict[str, Any]) -> Any:
        import nibabel as nib

        image: Any = nib.load(str(file), **options)
        stored = image.get_data_dtype()
        if stored.kind not in "iuf":
            raise ScanError(
                "not_real", f"{file.name}: voxels of type {stored}, expected one number each. Export the magnitude."
            )
        image.extra[KEY] = stored_header(image)
        return correct_nifti_header_if_necessary(image)
