"""The benchmark of ``predict``: seconds of each stage and memory for a newborn scan, beside brain extraction alone."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
from pathlib import Path
from typing import Any

from scripts.disclaimer import RESEARCH_ONLY

from ... import ROOT

TOOLS = ("deepbet",)
"""Brain extraction of other projects, measured where it is installed."""


def measure(folder: Path, spacing: float = 0.5, threads: int = 2, repeats: int = 3, seed: int = 2026) -> dict[str, Any]:
    """Predict a synthetic newborn scan, and strip it by another tool.

    Args:
        folder: of the scan.
        spacing: sides of the scan's voxels, mm.
        threads: of the CPU.
        repeats: of each measurement; the median counts, the first time is given beside it.
        seed: of the head.

    Returns:
        JSON-safe: ``rows`` with ``what``, ``device``, ``seconds`` (of each stage, and ``total``), ``first_s``, the
        total of the first time, and ``peak_mb``; or ``failed``, a message.
    """
    import torch

    from scripts.phantom.cohort import make_cohort

    gpu = torch.cuda.get_device_name() if torch.cuda.is_available() else None
    devices = ["cpu", *(["cuda:0"] if gpu else [])]
    runs = [("predict", device) for device in devices] + [(tool, "cpu") for tool in TOOLS]
    datalist = make_cohort(folder / "heads", subjects=1, seed=seed, workers=1, spacing=spacing)
    scan = datalist.parent / json.loads(datalist.read_text())["training"][1]["image"]
    machine = {"processor": platform.machine(), "cores": os.cpu_count(), "python": platform.python_version()}
    return {
        "note": f"A synthetic newborn head. {RESEARCH_ONLY}",
        "machine": machine | ({"gpu": gpu} if gpu else {}),
        "spacing_mm": spacing,
        "threads": threads,
        "repeats": repeats,
        "rows": [
            {"what": what, "device": device, **measured(what, device, scan, threads, repeats)} for what, device in runs
        ],
    }


def measured(what: str, device: str, scan: Path, threads: int, repeats: int) -> dict[str, Any]:
    """Measure in a process of its own, see ``predict_cost``."""
    hidden = {} if device.startswith("cuda") else {"CUDA_VISIBLE_DEVICES": ""}
    environment = {**os.environ, "OMP_NUM_THREADS": str(threads), **hidden}
    words = [what, device, str(scan), str(threads), str(repeats)]
    command = [sys.executable, "-m", "bundle.research.benchmark.predict_cost", *words]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    last = ((done.stderr if done.returncode else done.stdout).strip().splitlines() or ["no message"])[-1]
    return {"failed": last} if done.returncode else json.loads(last)
