"""Write what was found: a JSON file and a map for every scan."""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import Any

import numpy as np
import torch
from ignite.engine import Engine, Events

from .whole import write

NOTHING = 1e-4
"""Below this the map is set to exactly 0: what is left of the outside of the brain."""

_log = logging.getLogger(__name__)


class WriteResults:
    """Write ``<case>/<case>_asymmetry.json`` and ``<case>/<case>_desc-asymmetry_map.nii.gz``; a handler.

    The map holds probabilities (float32) on the scan's own grid, with its affine and both of its codes.

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
            case = scan["case"]
            folder = self.output_dir / case
            folder.mkdir(parents=True, exist_ok=True)
            result = {"case": case, "subject": scan["subject"], "status": "ok", **found["result"]}
            save_map(found["pred"], folder / f"{case}_desc-asymmetry_map.nii.gz")
            write(folder / f"{case}_asymmetry.json", json.dumps(result, indent=2) + "\n")
            _log.info("%s: score %.3f, side %s", case, result["score"], result["side"])


def save_map(map_: Any, path: Path) -> None:
    """Write a map (1, X, Y, Z), a MetaTensor on the scan's grid, as NIfTI; whole or not at all."""
    import nibabel as nib

    values = torch.as_tensor(map_)[0].cpu().numpy().astype(np.float32)
    values[values < NOTHING] = 0
    image = nib.Nifti1Image(values, np.asarray(map_.affine, dtype=np.float64))
    for name, default in (("sform", 1), ("qform", 1)):
        code = map_.meta.get(f"{name}_code", default)
        getattr(image, f"set_{name}")(image.affine, int(code) or default)
    partial = path.with_name(f".partial_{path.name}")
    nib.save(image, partial)
    partial.replace(path)
