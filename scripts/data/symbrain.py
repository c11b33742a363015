"""The SymBrain data set: 2-D slices of newborn brains with their annotated midlines, read from parquet files.

Gucciardi et al. 2024, arXiv:2401.11814; https://huggingface.co/datasets/agucci/mri-sym2 (doi:10.57967/hf/1372). The
slices are those of the developing Human Connectome Project, under its own terms. The data set does not record which
hemisphere is left. Here channel 0 is the hemisphere above the midline in the picture, channel 1 the one below, and no
result names a side.
"""

from __future__ import annotations

import io
import re
from collections.abc import Hashable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypedDict

import numpy as np
import torch
from monai.data import MetaTensor
from monai.transforms import Compose, MapTransform

from ..midline import AlignMidlined
from ..midline.known_plane import LINE_POINT
from ..preprocessing.bias_field import DEFAULT as UNCORRECTED
from ..preprocessing.bias_field import CorrectBiasFieldd
from ..preprocessing.hemispheres import SplitHemispheresd
from ..preprocessing.intensity import NormalizeBraind
from ..skull_strip import SkullStripd
from .split import split_by_subject

PIXEL_MM = 0.5
"""Size of a pixel."""

COLUMNS = ("image", "line", "session")
"""Columns that a file must have. The published splits are contrasts (``train`` T1w, ``test`` T2w), not subjects."""


class AnnotatedSlice(TypedDict):
    """One slice of the data set.

    Attributes:
        image: bytes of a PNG.
        line: two points (row, column) of the midline, pixels.
        subject: the session, ``ses-…``.
        case: name of the slice, unique in the data set.
    """

    image: bytes
    line: list[tuple[float, float]]
    subject: str
    case: str


def dataset(
    dataset_dir: str, split: str, ratios: Sequence[float] = (0.65, 0.15, 0.2), seed: int = 0
) -> list[AnnotatedSlice]:
    """List the slices of one split by session: both contrasts and all slices of a session are in the same split.

    Args:
        dataset_dir: the folder with the data set's parquet files, at any depth.
        split: ``training``, ``validation`` or ``test``.
        ratios: shares of the three splits, of the number of sessions.
        seed: of the random split.

    Raises:
        FileNotFoundError: if the folder holds no parquet file.
        ValueError: if a file lacks a column or a line can't be read.
    """
    files = sorted(Path(dataset_dir).rglob("*.parquet"))
    if not files:
        raise FileNotFoundError(
            f"{dataset_dir}: holds no parquet file. Download the data set agucci/mri-sym2 there, "
            "or check 'dataset_dir'."
        )
    items = [item for file in files for item in _rows(file)]
    return split_by_subject(items, ratios, seed)[split]


def preprocessing(
    spacing: Sequence[float] = (0.5, 0.5, 1.0),
    skull_strip: str = "learned",
    size: Sequence[int] | None = None,
    bias_field: str = UNCORRECTED,
) -> Compose:
    """Build the chain from a slice to a pair (2, H, W, 1): as for volumes, with the annotated midline.

    Args:
        spacing: pixel size of the aligned slice, mm; the third number is not used.
        skull_strip: the method, a key of ``scripts.skull_strip.METHODS``; the slices show skull and scalp.
        size: pixels (H, W) of a hemisphere.
        bias_field: the method that corrects the bias field, a key of ``scripts.preprocessing.bias_field.METHODS``.
    """
    return Compose(
        [
            ReadSliced("image"),
            SkullStripd("image", method=skull_strip),
            *([CorrectBiasFieldd("image", method=bias_field)] if bias_field != UNCORRECTED else []),
            NormalizeBraind("image"),
            AlignMidlined("image", spacing=spacing, plane_key="line"),
            SplitHemispheresd("image", size=size),
            AddDepthd("image"),
        ]
    )


class ReadSliced(MapTransform):
    """Decode a PNG to (1, rows, columns): left-right along the first axis, anterior-posterior along the second.

    Args:
        keys: of the bytes.
    """

    def __call__(self, data: Mapping[Hashable, Any]) -> dict[Hashable, Any]:
        """Decode every key; the alpha channel does not show the brain, and is left out."""
        from PIL import Image

        d = dict(data)
        for key in self.key_iterator(d):
            with Image.open(io.BytesIO(d[key])) as picture:
                grey = np.asarray(picture.convert("RGB").convert("L"), dtype=np.float32)
            affine = torch.diag(torch.tensor([PIXEL_MM, PIXEL_MM, 1.0, 1.0], dtype=torch.float64))
            d[key] = MetaTensor(torch.from_numpy(grey.copy())[None], affine=affine, meta={"filename_or_obj": d["case"]})
        return d


class AddDepthd(MapTransform):
    """Give a pair (2, H, W) the axis Z that a volume has.

    Args:
        keys: of the pairs.
    """

    def __call__(self, data: Mapping[Hashable, Any]) -> dict[Hashable, Any]:
        """Add the axis to every key."""
        d = dict(data)
        for key in self.key_iterator(d):
            d[key] = d[key].as_tensor()[..., None]
        return d


def parse_line(text: str, source: str = "") -> list[tuple[float, float]]:
    """Read a midline of the data set, such as ``[{'x': 30.53, 'y': 137.73} {'x': 246.75, 'y': 147.18}]``.

    It is not JSON. It is matched, never evaluated, since it is data of others.

    Args:
        text: of the column ``line``; x counts columns, y rows.
        source: file and row, for the message.

    Returns:
        Two points (row, column), in pixels.

    Raises:
        ValueError: if it does not hold exactly two points.
    """
    points = LINE_POINT.findall(text)
    if len(points) != 2 or re.sub(r"[\s,\[\]]", "", LINE_POINT.sub("", text)):
        raise ValueError(f"{source or 'line'}: expected a midline of two points {{'x': …, 'y': …}}, found {text!r}.")
    return [(float(y), float(x)) for x, y in points]


def _rows(file: Path) -> list[AnnotatedSlice]:
    """The slices of a parquet file."""
    import pyarrow.parquet as pq

    table = pq.read_table(file)
    missing = [name for name in COLUMNS if name not in table.column_names]
    if missing:
        raise ValueError(f"{file}: expected the columns {', '.join(COLUMNS)}, found {', '.join(table.column_names)}.")
    contrast = file.name.split("-")[0]
    return [
        {
            "image": row["image"]["bytes"],
            "line": parse_line(row["line"], f"{file.name}, row {number}"),
            "subject": f"ses-{row['session']}",
            "case": f"ses-{row['session']}_{contrast}_{number}",
        }
        for number, row in enumerate(table.select(list(COLUMNS)).to_pylist())
    ]
