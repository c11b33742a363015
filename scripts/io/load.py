"""Load a scan from NIfTI, a DICOM series or a PNG slice, with errors that name the file and the cure."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from pathlib import Path
from typing import Any

import torch
from monai.config import KeysCollection
from monai.data import PILReader
from monai.transforms import LoadImaged

from .dicom.reader import SeriesReader
from .errors import ScanError
from .nifti import NiftiReader
from .png import PICTURES, as_grey, as_slice


class LoadScand(LoadImaged):
    """MONAI's ``LoadImaged`` (NIfTI, DICOM, PNG) with errors that name the file and the cure.

    Of a folder of DICOM files, the series that ``dicom.series.find_series`` puts first is read. A PNG is an axial
    slice, front up; its pixels get the size that makes it a newborn's head. An image that a host has loaded already
    stays as it is.

    Of a folder with several studies, the one at the key ``study`` of the data is read, a
    :class:`scripts.io.dicom.Study`.

    Args:
        keys: of the paths.
        args: as in ``LoadImaged``.
        dicom_series: a table of rules that chooses the DICOM series, see :mod:`scripts.io.dicom.rules`.
        kwargs: as in ``LoadImaged``.
    """

    def __init__(self, keys: KeysCollection, *args: Any, dicom_series: str | None = None, **kwargs: Any) -> None:
        super().__init__(keys, *args, **kwargs)
        self.rules = Path(dicom_series) if dicom_series else None
        for reader in (NiftiReader(), PILReader(converter=as_grey), SeriesReader(rules=self.rules)):
            self.register(reader)

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
        if d.get("study") is not None:
            reader = SeriesReader(d["study"], self.rules)
        try:
            d = super().__call__(d, reader)
        except ScanError:
            raise
        except PermissionError as error:
            raise ScanError("no_permission", f"{', '.join(files)}: may not be read. Change its permissions.") from error
        except Exception as error:
            raise ScanError(
                "unreadable",
                f"{', '.join(files)}: can't be read as an image. Expected a complete file: NIfTI (.nii, .nii.gz), a "
                f"folder with a DICOM series, or a PNG slice. The reader said: {type(error).__name__}: "
                f"{(str(error).strip().splitlines() or ['nothing'])[0]}",
            ) from error
        for key, file in zip(self.key_iterator(d), files, strict=True):
            if file.lower().endswith(PICTURES):
                d[key] = as_slice(d[key])
        return d
