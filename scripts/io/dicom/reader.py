"""MONAI's reader of DICOM, which chooses the series of a folder and sorts its slices by their positions."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple, TypedDict

from monai.config import PathLike
from monai.data import PydicomReader

from .headers import is_dicom
from .series import Series, Study, chosen_series
from .voxels import read_voxels


class SeriesMeasurements(TypedDict):
    """What was measured of a DICOM series.

    Attributes:
        duplicate_slices: number of slices left out since they lie at the position of another.
        odd_images: number of images left out since they have another size or orientation than the slices.
        gap: share of the distance between two slices that no slice covers, 0 to 1; 0 if their thickness is not known.
        lossy: 1 if the pixels were compressed with loss, else 0.
    """

    duplicate_slices: float
    odd_images: float
    gap: float
    lossy: float


class OtherSeries(TypedDict):
    """A series of the study that was not chosen.

    Attributes:
        series: number that the scanner gave it.
        slices: number of its slices.
        why: why it can't be scored; or, if it could be, that another has more points or is finer.
    """

    series: int
    slices: int
    why: str


class Chosen(NamedTuple):
    """What is read of a folder.

    Attributes:
        series: that was chosen.
        others: the other series.
    """

    series: Series
    others: list[Series]


class SeriesReader(PydicomReader):
    """Read a folder of DICOM files as one volume: the series that :func:`.series.find_series` puts first.

    MONAI's own reader takes all files of a folder for one series and trusts their instance numbers. This one sorts them
    by their positions, and reads multi-frame files. The metadata get ``measurements`` (:class:`SeriesMeasurements`),
    ``series`` (number of the one that was chosen), ``series_why`` (what the rules say of it) and ``other_series``
    (JSON, a list of :class:`OtherSeries`).

    Args:
        study: the one to read of a folder that holds several.
        rules: a table of rules, see :mod:`.rules`.
    """

    def __init__(self, study: Study | None = None, rules: Path | None = None) -> None:
        super().__init__()
        self.study, self.rules = study, rules

    def verify_suffix(self, filename: Sequence[PathLike] | PathLike) -> bool:
        """Whether it is a folder, or a file that begins as DICOM does."""
        return all(path.is_dir() or is_dicom(path) for path in _paths(filename))

    def read(self, data: Sequence[PathLike] | PathLike, **kwargs: Any) -> Any:
        """Choose the series.

        Raises:
            ScanError: if the folder holds no series that can be scored.
        """
        paths = _paths(data)
        if len(paths) != 1 or not paths[0].is_dir():
            return super().read(data, **kwargs)
        return Chosen(*chosen_series(paths[0], self.study, self.rules))

    def get_data(self, data: Any) -> tuple[Any, dict]:
        """Return the volume (X, Y, Z) and its metadata, which hold nothing that names the patient."""
        if not isinstance(data, Chosen):
            return super().get_data(data)
        volume = data.series.volume
        array, affine = read_voxels(volume.frames)
        measurements: SeriesMeasurements = {
            "duplicate_slices": float(volume.duplicates),
            "odd_images": float(volume.odd),
            "gap": volume.gap,
            "lossy": float(volume.lossy),
        }
        meta = {
            "affine": affine,
            "original_affine": affine.copy(),
            "spatial_shape": array.shape,
            "space": "RAS",
            "original_channel_dim": float("nan"),
            "measurements": measurements,
            "series": data.series.number,
            "series_why": ", ".join(data.series.rules.why),
            "other_series": json.dumps(other_series(data.others, data.series)),
        }
        return array, meta


def other_series(others: Sequence[Series], chosen: Series) -> list[OtherSeries]:
    """Say of every series that was not chosen why."""
    return [_other(one, chosen) for one in others]


def _other(other: Series, chosen: Series) -> OtherSeries:
    fewer = other.rules.points < chosen.rules.points
    why = other.why or ("fewer points: " + (", ".join(other.rules.why) or "no rule applies") if fewer else "coarser")
    return {"series": other.number, "slices": len(other.volume.frames), "why": why}


def _paths(files: Sequence[PathLike] | PathLike) -> list[Path]:
    several: Sequence[Any] = [files] if isinstance(files, str | Path) else files  # type: ignore[assignment]
    return [Path(str(file)) for file in several]
