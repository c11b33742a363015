"""DICOM files in, the bundle's result and the scored slices out; does not need MONAI Deploy."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from scripts.io.dicom import chosen_series

from ..predict.pipeline import Pipeline
from ..predict.scan_result import failed_result, scan_result


class Scored(NamedTuple):
    """A scored series.

    Attributes:
        result: see :class:`bundle.predict.scan_result.ScanResult`; without the patient's name.
        data: of the pipeline, see :class:`bundle.predict.pipeline.ScanData`.
        slices: the DICOM data sets of the series, in the order of the frames.
        bands: (Z, rows, columns) uint8, a frame for each slice; None if the scan failed.
    """

    result: dict[str, Any]
    data: dict[str, Any]
    slices: list[Any]
    bands: np.ndarray | None


def score_files(files: Sequence[Path], settings: dict[str, Any] | None = None) -> Scored:
    """Score the best series among DICOM files, as ``bundle predict`` does with their folder.

    Args:
        files: of one study. Of several series, the one that ``scripts.io.dicom`` ranks first is scored.
        settings: keys of ``configs/inference.json`` with other values.

    Raises:
        ValueError: if frames and slices do not have the same positions.
    """
    import pydicom

    pipeline = Pipeline(settings or {})
    with tempfile.TemporaryDirectory() as folder:
        series = Path(folder) / "series"  # a name that does not identify the patient
        series.mkdir()
        for index, file in enumerate(files):
            (series / f"{index:06d}").symlink_to(Path(file).absolute())
        data, seconds, error = pipeline({"image": str(series), "subject": ""})
        slices = [] if error else [pydicom.dcmread(file) for file in chosen_series(series)[0].files]
        uid = str(slices[0].SeriesInstanceUID) if slices else ""
        case = f"sub-dicom{hashlib.sha256(uid.encode()).hexdigest()[:6]}"
        item = {"image": str(series), "case": case, "subject": case, "hidden": True}
        provenance = {**pipeline.provenance, "seconds": seconds}
        if error:
            return Scored(failed_result(item, error, provenance), data, [], None)
        bands = to_frames(data["pred"], slices)
        return Scored(scan_result(item, data, provenance), data, slices, bands)


def to_frames(bands: Any, slices: Sequence[Any]) -> np.ndarray:
    """Turn bands (1, columns, rows, Z), a MetaTensor, into frames (Z, rows, columns), one for each slice.

    Raises:
        ValueError: if a frame does not have the position of its slice.
    """
    affine = np.diag([-1.0, -1.0, 1.0, 1.0]) @ np.asarray(bands.affine, dtype=np.float64)  # to LPS, DICOM's axes
    frames = bands.as_tensor()[0].permute(2, 1, 0).cpu().numpy()
    for index, source in enumerate(slices):
        orientation = np.array(source.ImageOrientationPatient, dtype=float)
        sides = [orientation[:3] * float(source.PixelSpacing[1]), orientation[3:] * float(source.PixelSpacing[0])]
        position = np.array(source.ImagePositionPatient, dtype=float)
        distance = max(
            np.abs(affine[:3, 3] + index * affine[:3, 2] - position).max(),
            *(np.abs(affine[:3, axis] - side).max() for axis, side in enumerate(sides)),
        )
        if distance > 0.1 or frames.shape != (len(slices), source.Rows, source.Columns):
            raise ValueError(
                f"slice {index}: frames of shape {frames.shape} lie {distance:.2f} mm off, expected the positions of "
                "the series' own slices. Please report this; nothing was written."
            )
    return frames
