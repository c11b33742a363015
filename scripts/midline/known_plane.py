"""A mid-sagittal plane that is known already: as numbers, as an annotated line of a slice, or in a file."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from .plane import MidsagittalPlane

__all__ = ["known_plane"]

NUMBER = r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?"
LINE_POINT = re.compile(rf"\{{\s*'x'\s*:\s*({NUMBER})\s*,\s*'y'\s*:\s*({NUMBER})\s*\}}")
"""A point as in SymBrain's column ``line``; the list of points is not JSON, since it lacks commas."""

SHORTEST_LINE = 1e-3
"""Two points that are closer than this, mm, define no direction."""


def known_plane(known: Any, affine: np.ndarray) -> MidsagittalPlane:
    """Read a known plane.

    Args:
        known: one of

            * a :class:`~scripts.midline.plane.MidsagittalPlane`, or a mapping ``{"point", "normal"}`` in RAS+ mm;
            * the path of a JSON file with such a mapping;
            * for a slice, a line: two points (x, y) in pixels, each a pair or a mapping with "x" and "y", or the
              text of SymBrain's column ``line`` (Gucciardi et al. 2024, arXiv:2401.11814). The first voxel's
              centre is (0, 0); x runs along the first spatial axis of the image.
        affine: 4x4 voxel to RAS+ mm of the slice in which a line was drawn.

    Returns:
        The plane; that of a line is perpendicular to the slice.

    Raises:
        FileNotFoundError: if there is no such file.
        ValueError: if it can't be read as any of these, or the two points of a line are the same.
    """
    if isinstance(known, MidsagittalPlane):
        return known
    if isinstance(known, str) and len(points := LINE_POINT.findall(known)) == 2:
        return _from_line(points, affine)
    if isinstance(known, str | Path):
        return _from_file(Path(known))
    if isinstance(known, list | tuple) and len(known) == 2:
        points = [(point.get("x"), point.get("y")) if isinstance(point, Mapping) else point for point in known]
        return _from_line(points, affine)
    return MidsagittalPlane.from_mapping(known)


def _from_file(path: Path) -> MidsagittalPlane:
    if not path.is_file():
        raise FileNotFoundError(
            f"{path}: no such file. Give a JSON file with 'point' and 'normal' (RAS mm), a mapping with "
            "these two, or a line \"[{'x': 1, 'y': 2} {'x': 3, 'y': 4}]\" (pixels)."
        )
    try:
        return MidsagittalPlane.from_mapping(json.loads(path.read_text(encoding="utf-8")))
    except ValueError as error:  # json's errors are ValueErrors
        raise ValueError(
            f'{path}: expected JSON such as {{"point": [0, 0, 0], "normal": [1, 0, 0]}}: {error}'
        ) from error


def _from_line(points: Any, affine: np.ndarray) -> MidsagittalPlane:
    try:
        pixels = np.array(points, dtype=np.float64)
    except (TypeError, ValueError):
        pixels = np.empty(0)
    if pixels.shape != (2, 2) or not np.isfinite(pixels).all():
        raise ValueError(f"a known line must be two points (x, y) in pixels, got {points!r}.")
    first, last = pixels @ affine[:2, :2].T + affine[:2, 3]
    along = last - first
    if np.linalg.norm(along) < SHORTEST_LINE:
        raise ValueError(f"a known line must have two different points, got {pixels.tolist()}.")
    return MidsagittalPlane((*((first + last) / 2), 0.0), (along[1], -along[0], 0.0))
