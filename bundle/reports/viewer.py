"""The viewer of a report: scroll through the scan and its map, beside the mirror image; with NiiVue, offline."""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import nibabel as nib
import numpy as np
import torch
from monai.data import MetaTensor
from monai.transforms import SpatialResample
from numpy.typing import NDArray

from scripts.io.affine import voxel_size

from .figures import LOWEST
from .planes import in_ras
from .template import template

FOLDER = Path(__file__).parent
NIIVUE = FOLDER / "niivue" / "niivue.umd.js"
"""NiiVue (https://niivue.com, BSD-2-Clause), as it comes from npm."""

MARGIN_MM = 12.0
"""Shown around the brain."""

LARGEST = 7_000_000
"""Voxels of the scan in the page; a finer scan is resampled, so that the page stays below 12 MB."""


def viewer(data: Mapping[str, Any], result: Mapping[str, Any]) -> str:
    """Return the section with the viewer, as HTML that needs no other file and makes no request.

    Args:
        data: of the pipeline, with ``head``, ``brain_mask`` and ``probability`` (1, X, Y, Z).
        result: see :class:`bundle.predict.scan_result.ScanResult`.
    """
    volumes, affine = viewer_volumes(data)
    mirror = reflection(result["midline"]["point"], result["midline"]["normal"])
    settings = {
        "volumes": {name: _as_nifti(volume, affine) for name, volume in volumes.items()},
        "mirrored": (mirror @ affine).tolist(),
        "lowest": LOWEST,
        "start": result["peak_ras_mm"],
        "side_known": not result["facts"].get("affine"),
    }
    return template("viewer.html").substitute(
        niivue=NIIVUE.read_text(encoding="utf-8"), settings=json.dumps(settings).replace("<", "\\u003c")
    )


def viewer_volumes(data: Mapping[str, Any]) -> tuple[dict[str, NDArray[np.uint8]], NDArray[np.float64]]:
    """Return what the viewer shows, all on one grid, cropped to the brain.

    Args:
        data: as of :func:`viewer`.

    Returns:
        ``scan``, ``map`` (255 is a probability of 1; 0 where it is too low to be painted) and ``mask``, and their
        affine, voxel to RAS mm.
    """
    head, affine = in_ras(data["head"])
    mask, probability = in_ras(data["brain_mask"])[0] > 0, in_ras(data["probability"])[0]
    low, high = np.percentile(head[mask], [0.5, 99.8])
    low = min(low, 0)
    box = _box(mask, MARGIN_MM / voxel_size(affine))
    cropped = affine.copy()
    cropped[:3, 3] += affine[:3, :3] @ [part.start for part in box]
    shown = {
        "scan": np.clip((head[box] - low) / max(high - low, 1e-6), 0, 1),
        "map": np.where(probability[box] < LOWEST, 0, np.clip(probability[box], 0, 1)),
        "mask": mask[box].astype(float),
    }
    grid, size = _grid(cropped, mask[box].shape)
    return {
        name: np.rint(255 * _on_grid(values, cropped, grid, size)).astype(np.uint8) for name, values in shown.items()
    }, grid


def reflection(point: list[float], normal: list[float]) -> NDArray[np.float64]:
    """Return the (4, 4) reflection at a plane.

    Args:
        point: of the plane, RAS mm.
        normal: of the plane, of length 1.
    """
    n, matrix = np.asarray(normal, dtype=np.float64), np.eye(4)
    matrix[:3, :3] -= 2 * np.outer(n, n)
    matrix[:3, 3] = 2 * float(n @ np.asarray(point)) * n
    return matrix


def _box(mask: NDArray[np.bool_], margin: NDArray[np.float64]) -> tuple[slice, ...]:
    """Return the box around a mask, with a margin in voxels."""
    box = []
    for axis, room in enumerate(margin):
        inside = np.flatnonzero(mask.any(axis=tuple(k for k in range(3) if k != axis)))
        ends = (0, mask.shape[axis]) if len(inside) == 0 else (inside[0] - room, inside[-1] + 1 + room)
        box.append(slice(max(int(ends[0]), 0), min(int(np.ceil(ends[1])), mask.shape[axis])))
    return tuple(box)


def _grid(affine: NDArray[np.float64], size: tuple[int, ...]) -> tuple[NDArray[np.float64], tuple[int, ...]]:
    """Return a grid (affine, size), made coarser if it has too many voxels."""
    step = max(1.0, (float(np.prod(size)) / LARGEST) ** (1 / 3))
    coarser = affine.copy()
    coarser[:3, :3] *= step
    return coarser, tuple(max(1, int(n / step)) for n in size)


def _on_grid(
    values: NDArray[Any], affine: NDArray[np.float64], grid: NDArray[np.float64], size: tuple[int, ...]
) -> NDArray[Any]:
    """Resample (X, Y, Z) to a grid, if it is not there already."""
    if values.shape == size:
        return values
    volume = MetaTensor(torch.from_numpy(values.astype(np.float32))[None], affine=torch.from_numpy(affine))
    resample = SpatialResample(mode="bilinear", padding_mode="border", align_corners=True)
    moved: Any = resample(volume, dst_affine=torch.from_numpy(grid), spatial_size=size)
    return moved.as_tensor()[0].numpy()


def _as_nifti(values: NDArray[np.uint8], affine: NDArray[np.float64]) -> str:
    """Return a volume as compressed NIfTI in base64."""
    content = nib.Nifti1Image(values, affine).to_bytes()
    return base64.b64encode(gzip.compress(content, compresslevel=4, mtime=0)).decode("ascii")
