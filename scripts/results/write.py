"""Write what was found: a JSON file, a map and the brain mask for every scan."""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import Any

import numpy as np
import torch
from ignite.engine import Engine, Events

from ..atomic_write import whole_file, write_text
from .bids_names import derivative_name

NOTHING = 1e-4
"""Below this the map is set to exactly 0: what is left of the outside of the brain."""

_log = logging.getLogger(__name__)


class WriteResults:
    """Write the results of every scan, see :func:`write_results`; a handler.

    Args:
        output_dir: made if it is missing.
    """

    def __init__(self, output_dir: str) -> None:
        self.output_dir = Path(output_dir)

    def attach(self, engine: Engine) -> None:
        """Subscribe to the end of every batch."""
        engine.add_event_handler(Events.ITERATION_COMPLETED, self)

    def __call__(self, engine: Engine) -> None:
        state: Any = engine.state
        for scan, found in zip(state.batch, state.output, strict=True):
            result = {"case": scan["case"], "subject": scan["subject"], "status": "ok", **found["result"]}
            write_results(self.output_dir, result, found["probability"], found.get("brain_mask"))
            _log.info("%s: score %.3f, side %s", result["case"], result["score"], result["side"])


def write_results(
    output_dir: Path, result: dict[str, Any], map_: Any = None, mask: Any = None, page: str | None = None
) -> Path:
    """Write the files of one scan, each whole or not at all; the JSON last, so that it means that all are there.

    Args:
        output_dir: the files go to the folder of the subject in it.
        result: JSON-safe, with ``case``.
        map_: probabilities (1, X, Y[, Z]) on the scan's own grid, a MetaTensor; None writes none.
        mask: the brain, as ``map_``.
        page: HTML of the report.

    Returns:
        Path of the JSON file.
    """
    folder, name = derivative_name(result["case"])
    for tensor, kind, dtype in ((map_, "desc-asymmetry_map", np.float32), (mask, "desc-brain_mask", np.uint8)):
        path = output_dir / folder / f"{name}_{kind}.nii.gz"
        if tensor is not None:
            save_map(tensor, path, dtype)
        else:
            path.unlink(missing_ok=True)  # of an earlier run, which this answer isn't about
    path = output_dir / folder / f"{name}_report.html"
    if page is not None:
        write_text(path, page)
    else:
        path.unlink(missing_ok=True)
    path = output_dir / folder / f"{name}_asymmetry.json"
    write_text(path, json.dumps(result, indent=2, allow_nan=False) + "\n")
    return path


def save_map(map_: Any, path: Path, dtype: type = np.float32) -> None:
    """Write a map (1, X, Y[, Z]), a MetaTensor on the scan's grid, as NIfTI; whole or not at all."""
    import nibabel as nib
    from monai.data.utils import to_affine_nd

    values: Any = torch.as_tensor(map_)[0].cpu().numpy().astype(dtype)
    values[values < NOTHING] = 0
    affine = to_affine_nd(3, np.asarray(map_.affine, dtype=np.float64))
    image = nib.Nifti1Image(values, affine)
    for name, default in (("sform", 1), ("qform", 1)):
        code = map_.meta.get(f"{name}_code", default)
        getattr(image, f"set_{name}")(image.affine, int(code) or default)
    with whole_file(path) as partial:
        nib.save(image, partial)
