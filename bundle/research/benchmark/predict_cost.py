"""Time and memory of one scan, in a process of its own: WHAT DEVICE SCAN THREADS REPEATS."""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from .memory import peak_mb, peak_of_children_mb


def main(what: str, device: str, scan: str, threads: int, repeats: int) -> None:
    """Predict a scan, or strip it by another tool, a few times; print seconds and memory as JSON."""
    import torch

    torch.set_num_threads(threads)
    with tempfile.TemporaryDirectory() as folder:
        once = prediction(device, scan, Path(folder)) if what == "predict" else extraction(what, scan)
        runs = [once() for _ in range(repeats)]
    stages = {name: round(float(np.median([run[name] for run in runs])), 3) for name in runs[0]}
    peak = max(peak_mb(), peak_of_children_mb())
    first = round(runs[0]["total"], 3)
    print(json.dumps({"seconds": stages, "first_s": first, "peak_mb": round(peak)}))


def prediction(device: str, scan: str, folder: Path) -> Callable[[], dict[str, float]]:
    """Return a function that predicts the scan once, with all files, and returns the seconds of each stage."""
    from ...predict.pipeline import Pipeline
    from ...predict.save import save_scan
    from ...predict.scan_result import scan_result

    pipeline = Pipeline({"device": device})
    item = {"image": scan, "case": "scan", "subject": "scan", "hidden": False}

    def once() -> dict[str, float]:
        start = time.perf_counter()
        data, seconds, error = pipeline(item)
        if error is not None:
            raise error
        middle = time.perf_counter()
        result = save_scan(folder, scan_result(item, data, {**pipeline.provenance, "seconds": seconds}), data)
        if result["status"] == "failed":
            raise RuntimeError(result["reasons"][0]["message"])
        end = time.perf_counter()
        return {**seconds, "files": end - middle, "total": end - start}

    return once


def extraction(tool: str, scan: str) -> Callable[[], dict[str, float]]:
    """Return a function that strips the scan by another project's tool, and returns the seconds without reading it."""
    import nibabel as nib
    import torch

    from scripts.io.affine import voxel_size
    from scripts.skull_strip.external_tools import external_mask, require_tool

    require_tool(tool)
    image = nib.as_closest_canonical(nib.load(scan))
    voxels = torch.from_numpy(np.asarray(image.dataobj, dtype=np.float32))
    sides = voxel_size(image.affine)

    def once() -> dict[str, float]:
        start = time.perf_counter()
        external_mask(tool, voxels, sides)
        return {"total": time.perf_counter() - start}

    return once


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]), int(sys.argv[5]))
