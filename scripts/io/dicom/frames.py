"""The frames of a DICOM file, each with the tags of a file of one slice: enhanced multi-frame and mosaics, too."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

SAME = {"EffectiveEchoTime": "EchoTime", "FrameType": "ImageType"}
"""Keyword of a frame -> that of a file of one slice."""

MOSAIC = "MOSAIC"


class Frame(NamedTuple):
    """A slice.

    Attributes:
        file: that holds it.
        number: of the frame in the file, from 0.
        tags: keyword -> value, as in a file of this slice alone. ``TransferSyntaxUID`` is among them.
    """

    file: Path
    number: int
    tags: Mapping[str, Any]

    @property
    def position(self) -> NDArray[np.float64]:
        """Centre of the first pixel, LPS mm (3,)."""
        return np.array(self.tags["ImagePositionPatient"], dtype=float)

    @property
    def orientation(self) -> NDArray[np.float64]:
        """Directions of a row and of a column, LPS (2, 3)."""
        return np.array(self.tags["ImageOrientationPatient"], dtype=float).reshape(2, 3)

    @property
    def spacing(self) -> NDArray[np.float64]:
        """Distance of the rows, and of the columns, mm (2,)."""
        return np.array(self.tags["PixelSpacing"], dtype=float)

    def number_of(self, keyword: str, default: float = 0.0) -> float:
        """Return the value of a tag as a number; the default if there is none."""
        try:
            return float(self.tags[keyword])
        except (KeyError, TypeError, ValueError):
            return default


def frames_of(file: Path, header: Any) -> list[Frame]:
    """List the frames of a file.

    Args:
        file: its path.
        header: of :func:`.headers.read_header`.
    """
    own = {**tag_values(header), "TransferSyntaxUID": str(header.file_meta.get("TransferSyntaxUID", ""))}
    groups = header.get("PerFrameFunctionalGroupsSequence")
    if groups:
        shared = header.get("SharedFunctionalGroupsSequence") or [{}]
        own = {**own, **_of_groups(shared[0]), "NumberOfFrames": 1}  # each by itself
        return [Frame(file, number, {**own, **_of_groups(group)}) for number, group in enumerate(groups)]
    if MOSAIC in words(own.get("ImageType")):
        return _mosaic(file, own)
    return [Frame(file, 0, own)]


def words(value: Any) -> list[str]:
    """Return the values of a tag as text; none if it is missing or empty."""
    if value is None or value == "":
        return []
    return [str(value)] if isinstance(value, str) or not isinstance(value, Sequence) else [str(one) for one in value]


def tag_values(dataset: Any) -> dict[str, Any]:
    """Return the values of a data set that are no sequences; those that can't be read are left out."""
    found = {}
    for tag in dataset:
        try:
            element = dataset[tag.tag]
            if element.VR != "SQ" and element.keyword and element.value not in (None, ""):
                found[SAME.get(element.keyword, element.keyword)] = element.value
            elif element.VR == "SQ" and element.keyword == "EncryptedAttributesSequence":
                found[element.keyword] = len(element.value)
        except (ValueError, TypeError, NotImplementedError):
            continue
    return found


def _of_groups(item: Any) -> dict[str, Any]:
    """The values of the functional groups of a frame, each of which is a sequence of one item."""
    found: dict[str, Any] = {}
    for element in item:
        if getattr(element, "VR", "") == "SQ" and element.value:
            found |= tag_values(element.value[0])
    return found


def _mosaic(file: Path, own: Mapping[str, Any]) -> list[Frame]:
    """The tiles of a mosaic of Siemens, whose places nibabel knows how to find; none if it does not."""
    import pydicom
    from nibabel.nicom.dicomwrappers import MosaicWrapper, wrapper_from_data

    try:
        wrapper = wrapper_from_data(pydicom.dcmread(file, stop_before_pixels=True, force=True))
        if not isinstance(wrapper, MosaicWrapper):
            return [Frame(file, 0, own)]
        rows, columns, count = wrapper.image_shape
        affine = wrapper.affine
    except Exception:  # its private elements are missing or broken
        return [Frame(file, 0, own)]
    tile = {**own, "Rows": rows, "Columns": columns, MOSAIC: count}
    return [
        Frame(file, number, {**tile, "ImagePositionPatient": list(affine[:3, 3] + number * affine[:3, 2])})
        for number in range(count)
    ]
