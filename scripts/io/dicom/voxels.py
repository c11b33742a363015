"""The voxels of a DICOM volume and their affine, from files of any transfer syntax."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .frames import MOSAIC, Frame

LPS_TO_RAS = np.diag([-1.0, -1.0, 1.0, 1.0])


def read_voxels(frames: Sequence[Frame]) -> tuple[NDArray[np.float32], NDArray[np.float64]]:
    """Read the voxels of a volume.

    Args:
        frames: in the order of their positions. Each has its own slope and intercept.

    Returns:
        (columns, rows, slices), and the affine (4, 4), voxel to RAS+ mm.
    """
    slices: list[NDArray[np.float32]] = []
    file, stored = Path(), np.zeros(0)
    for frame in frames:
        if frame.file != file:
            file, stored = frame.file, _stored(frame)
        plane = stored[frame.number].astype(np.float32)
        slices.append(plane * frame.number_of("RescaleSlope", 1.0) + frame.number_of("RescaleIntercept"))
    return np.stack(slices, axis=-1).swapaxes(0, 1), affine_of(frames)


def affine_of(frames: Sequence[Frame]) -> NDArray[np.float64]:
    """Return the affine (4, 4) of a volume, voxel (column, row, slice) to RAS+ mm."""
    first, last = frames[0], frames[-1]
    row, column = first.orientation
    rows, columns = first.spacing
    lps = np.eye(4)
    lps[:3, 0], lps[:3, 1] = row * columns, column * rows
    lps[:3, 2] = (last.position - first.position) / max(len(frames) - 1, 1)
    lps[:3, 3] = first.position
    return LPS_TO_RAS @ lps


def _stored(frame: Frame) -> NDArray[Any]:
    """The pixels of all frames of a file, as stored (frames, rows, columns)."""
    import pydicom
    from pydicom.uid import ExplicitVRLittleEndian, ImplicitVRLittleEndian

    dataset = pydicom.dcmread(frame.file, force=True)
    if "TransferSyntaxUID" not in dataset.file_meta:  # a file without a preamble
        implicit, _ = dataset.original_encoding
        dataset.file_meta.TransferSyntaxUID = ImplicitVRLittleEndian if implicit else ExplicitVRLittleEndian
    pixels = dataset.pixel_array
    if MOSAIC in frame.tags:
        rows, columns = int(frame.tags["Rows"]), int(frame.tags["Columns"])
        across, down = pixels.shape[1] // columns, pixels.shape[0] // rows
        tiles = pixels.reshape(down, rows, across, columns).swapaxes(1, 2)
        return tiles.reshape(-1, rows, columns)
    return pixels if pixels.ndim == 3 else pixels[None]
