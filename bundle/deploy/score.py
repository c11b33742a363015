"""DICOM files in, the bundle's answer and the slices that it is about out; needs nothing of MONAI Deploy."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from scripts.io.dicom import chosen_series

from ..predict.pipeline import Pipeline
from ..predict.scan_result import answer, failure


class Scored(NamedTuple):
    """A scored series.

    Attributes:
        result: the answer, or why there is none; JSON-safe and without the patient's name.
        found: of the pipeline.
        slices: the DICOM data sets of the series, in the order of the frames.
        bands: (Z, rows, columns) uint8, a frame for each slice; None if there is no answer.
    """

    result: dict[str, Any]
    found: dict[str, Any]
    slices: list[Any]
    bands: np.ndarray | None


def score_files(files: Sequence[Path], settings: dict[str, Any] | None = None) -> Scored:
    """Score the best series among DICOM files, as ``bundle predict`` does with their folder.

    Args:
        files: of one study; of several series, the one that ``scripts.io.dicom`` puts first counts.
        settings: keys of ``configs/inference.json`` with other values.

    Raises:
        ValueError: if frames and slices don't lie at the same places.
    """
    import pydicom

    pipeline = Pipeline(settings or {})
    with tempfile.TemporaryDirectory() as folder:
        together = Path(folder) / "series"  # a name that tells nothing of the patient
        together.mkdir()
        for index, file in enumerate(files):
            (together / f"{index:06d}").symlink_to(Path(file).absolute())
        found, seconds, error = pipeline({"image": str(together), "subject": ""})
        kept = [] if error else [pydicom.dcmread(file) for file in chosen_series(together)[0].files]
        uid = str(kept[0].SeriesInstanceUID) if kept else ""
        case = f"sub-dicom{hashlib.sha256(uid.encode()).hexdigest()[:6]}"
        item = {"image": str(together), "case": case, "subject": case, "hidden": True}
        provenance = {**pipeline.provenance, "seconds": seconds}
        if error:
            return Scored(failure(item, error, provenance), found, [], None)
        bands = to_frames(found["pred"], kept)
        return Scored(answer(item, found, provenance), found, kept, bands)


def to_frames(bands: Any, slices: Sequence[Any]) -> np.ndarray:
    """Lay bands (1, columns, rows, Z), a MetaTensor, out as frames (Z, rows, columns) for their slices.

    Raises:
        ValueError: if a frame does not lie where its slice does.
    """
    affine = np.diag([-1.0, -1.0, 1.0, 1.0]) @ np.asarray(bands.affine, dtype=np.float64)  # to LPS, DICOM's axes
    frames = bands.as_tensor()[0].permute(2, 1, 0).cpu().numpy()
    for index, one in enumerate(slices):
        turn = np.array(one.ImageOrientationPatient, dtype=float)
        sides = [turn[:3] * float(one.PixelSpacing[1]), turn[3:] * float(one.PixelSpacing[0])]
        place = np.array(one.ImagePositionPatient, dtype=float)
        apart = max(
            np.abs(affine[:3, 3] + index * affine[:3, 2] - place).max(),
            *(np.abs(affine[:3, axis] - side).max() for axis, side in enumerate(sides)),
        )
        if apart > 0.1 or frames.shape != (len(slices), one.Rows, one.Columns):
            raise ValueError(
                f"slice {index}: frames of shape {frames.shape} lie {apart:.2f} mm off, expected the places of the "
                "series' own slices. Please report it; nothing was written."
            )
    return frames
