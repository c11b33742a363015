"""The files of a DICOM study in, the bundle's result and the scored slices out; does not need MONAI Deploy."""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from scripts.io.dicom import chosen_series
from scripts.io.dicom.frames import MOSAIC, Frame
from scripts.io.dicom.reader import other_series
from scripts.io.errors import ScanError

from ..predict.pipeline import Pipeline
from ..predict.scan_result import failed_result, scan_result
from .identifiers import complete


class Scored(NamedTuple):
    """A scored series.

    Attributes:
        result: see :class:`bundle.predict.scan_result.ScanResult`; without the patient's name.
        data: of the pipeline, see :class:`bundle.predict.pipeline.ScanData`.
        slices: the DICOM data sets of the series, one for each file, in the order of the frames.
        frames: (N, rows, columns) uint8, the bands of each frame of these; None if the scan failed.
        voxel_mm3: volume of a voxel of them.
    """

    result: dict[str, Any]
    data: dict[str, Any]
    slices: list[Any]
    frames: np.ndarray | None
    voxel_mm3: float = 0.0


def score_study(files: Sequence[Path], pipeline: Pipeline, rules: Path | None = None) -> Scored:
    """Score the best series of a study, as ``bundle predict`` does with a folder of its files.

    What the DICOM objects need is checked first, so that nothing is scored in vain.

    Args:
        files: of one study.
        pipeline: that scores.
        rules: a table of rules that chooses the series, see :mod:`scripts.io.dicom.rules`.
    """
    import pydicom

    files = list(files)
    uid = hashlib.sha256(str(files[0]).encode("utf-8", "surrogateescape")).hexdigest()
    try:
        series, others = chosen_series(files, rules=rules)
        uid = str(series.volume.frames[0].tags.get("SeriesInstanceUID", ""))
        if MOSAIC in series.volume.frames[0].tags:
            raise ScanError(
                "mosaic", "a mosaic: a DICOM object can't refer to its tiles. Score it by 'bundle predict'."
            )
        slices = [pydicom.dcmread(file, force=True) for file in series.files]
        complete(slices, series.volume.voxel[2])
    except ScanError as error:
        return Scored(
            failed_result(_item(files[0].parent, uid), error, {**pipeline.provenance, "seconds": {}}), {}, [], None
        )
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "series"  # a name that does not identify the patient
        home.mkdir()
        for index, file in enumerate(series.files):
            (home / f"{index:06d}").symlink_to(file.absolute())
        item = _item(home, uid)
        data, seconds, failure = pipeline(item)
        provenance = {**pipeline.provenance, "seconds": seconds}
        if failure:
            return Scored(failed_result(item, failure, provenance), data, [], None)
        frames = to_frames(data["pred"], series.volume.frames, slices)
        data["image"].meta["other_series"] = json.dumps(other_series(others, series))
        return Scored(scan_result(item, data, provenance), data, slices, frames, float(np.prod(series.volume.voxel)))


def to_frames(bands: Any, frames: Sequence[Frame], slices: Sequence[Any]) -> np.ndarray:
    """Turn bands into a picture for each frame of the files.

    Args:
        bands: (1, columns, rows, Z), a MetaTensor on the grid of the volume.
        frames: of the volume, in its order.
        slices: data sets of the files. A file of many frames may hold others than those of the volume: they stay empty.

    Returns:
        (N, rows, columns), in the order of the files and of the frames in each.

    Raises:
        ValueError: if a picture does not have the position of its frame.
    """
    affine = np.diag([-1.0, -1.0, 1.0, 1.0]) @ np.asarray(bands.affine, dtype=np.float64)  # to LPS, DICOM's axes
    pictures = bands.as_tensor()[0].permute(2, 1, 0).cpu().numpy()
    size = (int(frames[0].tags["Rows"]), int(frames[0].tags["Columns"]))
    for index, frame in enumerate(frames):
        (row, column), (rows, columns) = frame.orientation, frame.spacing
        distance = max(
            np.abs(affine[:3, 3] + index * affine[:3, 2] - frame.position).max(),
            np.abs(affine[:3, 0] - row * columns).max(),
            np.abs(affine[:3, 1] - column * rows).max(),
        )
        if distance > 0.1 or pictures.shape != (len(frames), *size):
            raise ValueError(
                f"slice {index}: frames of shape {pictures.shape} lie {distance:.2f} mm off, expected the positions of "
                "the series' own slices. Please report this; nothing was written."
            )
    counts = [int(slice_.get("NumberOfFrames") or 1) for slice_ in slices]
    first = dict(zip(dict.fromkeys(frame.file for frame in frames), np.cumsum([0, *counts[:-1]]), strict=True))
    found = np.zeros((sum(counts), *size), pictures.dtype)
    for picture, frame in zip(pictures, frames, strict=True):
        found[first[frame.file] + frame.number] = picture
    return found


def _item(image: Path, uid: str) -> dict[str, Any]:
    case = f"sub-dicom{hashlib.sha256(uid.encode()).hexdigest()[:6]}"
    return {"image": str(image), "case": case, "subject": case, "hidden": True}
