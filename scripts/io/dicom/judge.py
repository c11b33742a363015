"""The slices of a series as a volume: sorted by their positions, without those that do not belong to it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from .frames import Frame

FEWEST_SLICES = 8
"""A series with fewer slices is a localiser or a key image."""

UNEVEN = 0.1
"""Slices are missing if the distances of neighbours differ by more than this share of their median. If more than this
share of the images is odd, that is no oversight."""

LOSSY = ("1.2.840.10008.1.2.4.50", "1.2.840.10008.1.2.4.51", "1.2.840.10008.1.2.4.81")
"""Transfer syntaxes that are always lossy: JPEG with 8 and 12 bits, and near-lossless JPEG-LS."""

SAME_POSITION = 0.01
"""Slices whose distance is below this share of the median distance lie at the same position."""

NEEDED = ("ImageOrientationPatient", "ImagePositionPatient", "PixelSpacing")


class Volume(NamedTuple):
    """Slices of one size and orientation.

    Attributes:
        frames: in the order of their positions: rising along the cross product of row and column.
        voxel: distance of the rows, of the columns, and of neighbouring slices, mm; infinite if it is not known.
        duplicates: number of frames left out since another lies at the same position.
        odd: number of frames left out since they have another size or orientation.
        gap: share of the slices' distance that no slice covers, 0 to 1; 0 if their thickness is not known.
        lossy: whether the pixels were compressed with loss.
        code: why it is no volume, see ``ScanError``; "" if it is one.
        why: the same as a sentence.
    """

    frames: tuple[Frame, ...]
    voxel: tuple[float, float, float]
    duplicates: int
    odd: int
    gap: float
    lossy: bool
    code: str
    why: str


def judge_slices(frames: Sequence[Frame]) -> Volume:
    """Sort the frames of one series, and judge whether they are a volume."""
    lossy = any(
        str(frame.tags.get("LossyImageCompression", "")) == "01" or frame.tags["TransferSyntaxUID"] in LOSSY
        for frame in frames
    )
    placed = [frame for frame in frames if all(tag in frame.tags for tag in NEEDED) and not _several(frame)]
    if len(placed) < FEWEST_SLICES <= len(frames) or not placed:
        code, why = _without_geometry(frames)
        return Volume(tuple(frames), (np.inf, np.inf, np.inf), 0, 0, 0.0, lossy, code, why)
    shape = Counter(map(_shape, placed)).most_common(1)[0][0]
    alike = [frame for frame in placed if _shape(frame) == shape]
    odd = len(frames) - len(alike)
    first = alike[0]
    position = np.array([frame.position for frame in alike]) @ np.cross(*first.orientation)
    order = np.argsort(position, kind="stable")
    steps = np.diff(position[order])
    typical = float(np.median(steps[steps > 0])) if (steps > 0).any() else 0.0
    new = np.concatenate([[True], steps > SAME_POSITION * typical])
    kept = order[new]
    duplicates = len(order) - len(kept)
    uneven = np.abs(np.diff(position[kept]) - typical) > UNEVEN * typical
    code, why = "", ""
    if odd > UNEVEN * len(frames) and len(frames) >= FEWEST_SLICES:
        code, why = (
            "uneven_slices",
            (
                f"{odd} of {len(frames)} images have another size or orientation than the others, expected one "
                "volume. Is it a localiser?"
            ),
        )
    elif len(kept) < FEWEST_SLICES:
        code, why = "too_few_slices", f"{len(kept)} slices, expected {FEWEST_SLICES} or more. Is it a localiser?"
    elif duplicates >= len(kept):
        code = "not_3d"
        why = f"{len(order)} images at {len(kept)} positions, expected one volume. Export one of its volumes."
    elif uneven.any():
        code = "missing_slices"
        why = (
            f"slices are missing at {int(uneven.sum())} of {len(kept) - 1} steps (distances of {typical:.2f} mm, but "
            f"up to {np.diff(position[kept]).max():.2f} mm). Export the whole series again."
        )
    rows, columns = first.spacing
    thickness = first.number_of("SliceThickness") or typical
    gap = max(1 - thickness / typical, 0.0) if typical else 0.0
    voxel = (float(rows), float(columns), typical)
    return Volume(tuple(alike[k] for k in kept), voxel, duplicates, odd, gap, lossy, code, why)


def _shape(frame: Frame) -> tuple[float, ...]:
    """What all slices of a volume share: size, spacing, orientation, and grey values."""
    return (
        *(frame.number_of(tag) for tag in ("Rows", "Columns")),
        frame.number_of("SamplesPerPixel", 1),
        *np.round(frame.spacing, 3),
        *(np.round(frame.orientation.ravel(), 1) + 0.0),
    )


def _several(frame: Frame) -> bool:
    """Whether it is a file of several frames whose places are not known."""
    return frame.number_of("NumberOfFrames", 1) > 1


def _without_geometry(frames: Sequence[Frame]) -> tuple[str, str]:
    """Why slices have no place, as code and sentence."""
    first = frames[0]
    if "EncryptedAttributesSequence" in first.tags:
        return "encrypted", "its attributes are encrypted, the geometry among them. Export it without encryption."
    if _several(first):
        return "multi_frame", "a multi-frame file without the places of its frames. Convert it to NIfTI (dcm2niix)."
    return "no_geometry", "its slices have no orientation or position. Export it again from the scanner or archive."
