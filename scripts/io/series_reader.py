"""MONAI's reader of DICOM, with the series of a folder chosen and its slices sorted by their place."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from monai.config import PathLike
from monai.data import PydicomReader

from .dicom import chosen_series, is_dicom

GEOMETRY = ("ImageOrientationPatient", "ImagePositionPatient", "PixelSpacing")
"""Numbers of more than 16 characters, which DICOM forbids and exporters write, are left out by MONAI's reader, and the
affine with them."""


class SeriesReader(PydicomReader):
    """Read a folder of DICOM files as one volume: the series that ``dicom.find_series`` puts first.

    MONAI's own takes all files of a folder for one series and trusts their numbers; here the order is that of the
    slices' places. What was found is left in the metadata as ``measurements`` (``duplicate_slices``, ``gap``,
    ``lossy``) and ``other_series`` (JSON, why each of the others was not taken).
    """

    def verify_suffix(self, filename: Sequence[PathLike] | PathLike) -> bool:
        """Whether it is a folder, or a file that begins as DICOM does."""
        files: Any = [filename] if isinstance(filename, str | Path) else filename
        return all(Path(file).is_dir() or is_dicom(Path(file)) for file in files)

    def read(self, data: Sequence[PathLike] | PathLike, **kwargs: Any) -> Any:
        """Read the slices of the chosen series.

        Raises:
            ScanError: if the folder holds no series that can be scored.
        """
        paths = [Path(str(path)) for path in ([data] if isinstance(data, str | Path) else data)]
        self.found: dict[str, Any] = {}
        if len(paths) != 1 or not paths[0].is_dir():
            return super().read(data, **kwargs)
        import pydicom
        from pydicom.valuerep import DSfloat

        series, others = chosen_series(paths[0])
        slices = [pydicom.dcmread(file) for file in series.files]
        for index, one in enumerate(slices):
            one.InstanceNumber = index + 1  # by which MONAI sorts
            for tag in GEOMETRY:
                setattr(one, tag, [DSfloat(float(value), auto_format=True) for value in getattr(one, tag)])
        self.has_series, self.filenames = True, [list(map(str, series.files))]  # type: ignore[list-item]
        why = [{"series": one.number, "slices": len(one.files), "why": one.why or "coarser"} for one in others]
        measurements = {"duplicate_slices": float(series.duplicates), "gap": series.gap, "lossy": float(series.lossy)}
        self.found = {"measurements": measurements, "series": series.number, "other_series": json.dumps(why)}
        return slices

    def get_data(self, data: Any) -> tuple[Any, dict]:
        """Return the volume (X, Y, Z) and its metadata; what names a person is left out."""
        array, meta = super().get_data(data)
        return array, {**meta, **self.found}
