"""Part ``thick``: lesions by size in scans as they are, with thick slices along each axis, and stripped tightly."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from monai.data import MetaTensor

from .by_size import Rows, tables
from .dataset import Case
from .each_case import Measured, measure_each
from .lesions import lesion_scores
from .scored import prepared_for
from .slice_profile import thick_slices
from .strip import reference_mask
from .voxels import as_scan, read_scan

ACROSS = {"sagittal slices": 0, "coronal slices": 1, "axial slices": 2}
"""Thick slices -> the axis across them, of a scan in RAS order."""

AS_THEY_ARE = "as they are"
"""Name of the scan as given."""

SIZES = (5.0, 7.0, 9.0, 13.5, 20.0)
"""Of the lesions, mm: fewer than in the scans as they are, since every scan has four versions."""

TIGHT = "tight mask"
"""Name of the scan in which all but the tight reference is 0."""


def measure(cases: list[Case], folder: Path, at_once: int | None = None) -> Measured:
    """Score lesions in every version of a scan; see :func:`summary`."""
    return measure_each(_scan, cases, folder, at_once)


def summary(rows: Rows) -> dict[str, Any]:
    """Return for each version of the scans the tables of :func:`.by_size.tables`; None if no scan has it."""
    versions = (AS_THEY_ARE, *ACROSS, TIGHT)
    having = {name: [row for row in rows if name in row["runs"][0]] for name in versions}
    return {name: tables(part, name) if part else None for name, part in having.items()}


def _scan(case: Case) -> dict[str, Any]:
    """Score lesions in each version of a scan by each of its networks."""
    runs: list[dict[str, Any]] = [{} for _ in case["networks"]]
    for name, image in _versions(case):
        for run, ((model, _), data) in zip(runs, prepared_for(image, case["networks"]), strict=True):
            run[name] = lesion_scores(data["image"], case["case"], case["subject"], model, SIZES)
    return {"runs": runs}


def _versions(case: Case) -> Iterator[tuple[str, MetaTensor]]:
    scan = read_scan(case["image"])
    yield AS_THEY_ARE, scan
    for name, axis in ACROSS.items():
        yield name, thick_slices(scan, axis)
    if case["brain_mask"]:
        brain = scan.as_tensor() * reference_mask(scan, case)
        yield TIGHT, as_scan(brain, scan.affine, case["image"])
