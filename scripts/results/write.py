"""Write the files of a scan: the result as JSON, the map, the brain mask and the report."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from ignite.engine import Engine, Events

from ..atomic_write import atomic_file, write_text
from .bids_names import derivative_name

NEGLIGIBLE = 1e-4
"""Smaller probabilities are set to exactly 0: they are remains of the area outside the brain."""

_log = logging.getLogger(__name__)


class WriteResults:
    """Write the results of every scan, see :func:`write_results`; a handler.

    Args:
        output_dir: created if it is missing.
    """

    def __init__(self, output_dir: str) -> None:
        self.output_dir = Path(output_dir)

    def attach(self, engine: Engine) -> None:
        """Subscribe to the end of every batch."""
        engine.add_event_handler(Events.ITERATION_COMPLETED, self)

    def __call__(self, engine: Engine) -> None:
        state: Any = engine.state
        for scan, data in zip(state.batch, state.output, strict=True):
            result = {"case": scan["case"], "subject": scan["subject"], "status": "ok", **data["result"]}
            write_results(self.output_dir, result, data["probability"], data.get("brain_mask"))
            _log.info("%s: score %.3f, side %s", result["case"], result["score"], result["side"])


def write_results(
    output_dir: Path, result: Mapping[str, Any], map_: Any = None, mask: Any = None, page: str | None = None
) -> Path:
    """Write the files of one scan. Each is written atomically, the JSON last: if it exists, all files exist.

    Args:
        output_dir: gets a folder for each subject.
        result: plain values for JSON, with ``case``.
        map_: probabilities (1, X, Y[, Z]) on the scan's own grid, a MetaTensor; None: no file.
        mask: the brain mask, as ``map_``.
        page: HTML of the report; None: no file.

    Returns:
        Path of the JSON file.
    """
    folder, name = derivative_name(result["case"])
    for tensor, kind, dtype in ((map_, "desc-asymmetry_map", np.float32), (mask, "desc-brain_mask", np.uint8)):
        path = output_dir / folder / f"{name}_{kind}.nii.gz"
        if tensor is not None:
            save_map(tensor, path, dtype)
        else:
            path.unlink(missing_ok=True)  # of an earlier run, to which this result does not belong
    path = output_dir / folder / f"{name}_report.html"
    if page is not None:
        write_text(path, page)
    else:
        path.unlink(missing_ok=True)
    path = output_dir / folder / f"{name}_asymmetry.json"
    write_text(path, json.dumps(result, indent=2, allow_nan=False) + "\n")
    return path


def save_map(map_: Any, path: Path, dtype: type = np.float32) -> None:
    """Write a map (1, X, Y[, Z]), a MetaTensor on the scan's grid, as NIfTI, atomically."""
    import nibabel as nib
    from monai.data.utils import to_affine_nd

    values: Any = torch.as_tensor(map_)[0].cpu().numpy().astype(dtype)
    values[values < NEGLIGIBLE] = 0
    affine = to_affine_nd(3, np.asarray(map_.affine, dtype=np.float64))
    image = nib.Nifti1Image(values, affine)
    for name, default in (("sform", 1), ("qform", 1)):
        code = map_.meta.get(f"{name}_code", default)
        getattr(image, f"set_{name}")(image.affine, int(code) or default)
    with atomic_file(path) as partial:
        nib.save(image, partial)
