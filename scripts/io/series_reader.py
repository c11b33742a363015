"""MONAI's reader of DICOM, which chooses the series of a folder and sorts its slices by their positions."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple, TypedDict

from monai.config import PathLike
from monai.data import PydicomReader

from .dicom import Series, chosen_series, is_dicom

GEOMETRY = ("ImageOrientationPatient", "ImagePositionPatient", "PixelSpacing")
"""Tags whose numbers some exporters write with more than the 16 characters that DICOM allows. MONAI's reader leaves
out such numbers, and with them the affine."""


class SeriesMeasurements(TypedDict):
    """What was measured of a DICOM series.

    Attributes:
        duplicate_slices: number of slices left out since they lie at the position of another.
        gap: share of the distance between two slices that no slice covers, 0 to 1; 0 if their thickness is not known.
        lossy: 1 if the pixels were compressed with loss, else 0.
    """

    duplicate_slices: float
    gap: float
    lossy: float


class OtherSeries(TypedDict):
    """A series of the folder that was not chosen.

    Attributes:
        series: number that the scanner gave it.
        slices: number of its slices.
        why: why it can't be scored; "coarser" if it could be, but another is finer.
    """

    series: int
    slices: int
    why: str


class ChosenSlices(NamedTuple):
    """What is read of a folder.

    Attributes:
        series: that was chosen.
        others: the other series.
        datasets: pydicom's, one for each file of the series, in the order of their positions.
    """

    series: Series
    others: list[Series]
    datasets: list[Any]


class SeriesReader(PydicomReader):
    """Read a folder of DICOM files as one volume: the series that ``dicom.find_series`` puts first.

    MONAI's own reader takes all files of a folder for one series and trusts their instance numbers. This one sorts them
    by their positions. The metadata get ``measurements`` (:class:`SeriesMeasurements`), ``series`` (number of the one
    that was chosen) and ``other_series`` (JSON, a list of :class:`OtherSeries`).
    """

    def verify_suffix(self, filename: Sequence[PathLike] | PathLike) -> bool:
        """Whether it is a folder, or a file that begins as DICOM does."""
        return all(path.is_dir() or is_dicom(path) for path in _paths(filename))

    def read(self, data: Sequence[PathLike] | PathLike, **kwargs: Any) -> Any:
        """Read the slices of the chosen series.

        Raises:
            ScanError: if the folder holds no series that can be scored.
        """
        paths = _paths(data)
        if len(paths) != 1 or not paths[0].is_dir():
            return super().read(data, **kwargs)
        import pydicom
        from pydicom.valuerep import DSfloat

        series, others = chosen_series(paths[0])
        datasets = [pydicom.dcmread(file) for file in series.files]
        for index, dataset in enumerate(datasets):
            dataset.InstanceNumber = index + 1  # MONAI sorts by it
            for tag in GEOMETRY:
                setattr(dataset, tag, [DSfloat(float(value), auto_format=True) for value in getattr(dataset, tag)])
        return ChosenSlices(series, others, datasets)

    def get_data(self, data: Any) -> tuple[Any, dict]:
        """Return the volume (X, Y, Z) and its metadata, which hold nothing that names the patient."""
        if not isinstance(data, ChosenSlices):
            return super().get_data(data)
        # A reader of its own: this one may be reading another folder in another thread.
        reader = PydicomReader()
        reader.has_series, reader.filenames = True, [list(map(str, data.series.files))]  # type: ignore[list-item]
        array, meta = reader.get_data(data.datasets)
        measurements: SeriesMeasurements = {
            "duplicate_slices": float(data.series.duplicates),
            "gap": data.series.gap,
            "lossy": float(data.series.lossy),
        }
        others: list[OtherSeries] = [
            {"series": other.number, "slices": len(other.files), "why": other.why or "coarser"} for other in data.others
        ]
        added = {"measurements": measurements, "series": data.series.number, "other_series": json.dumps(others)}
        return array, {**meta, **added}


def _paths(files: Sequence[PathLike] | PathLike) -> list[Path]:
    several: Sequence[Any] = [files] if isinstance(files, str | Path) else files  # type: ignore[assignment]
    return [Path(str(file)) for file in several]
