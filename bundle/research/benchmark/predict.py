"""The benchmark of ``predict``: seconds of each stage and memory for a newborn scan, beside brain extraction alone."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from scripts.atomic_write import write_text
from scripts.disclaimer import RESEARCH_ONLY

from ... import ROOT
from ..pages import fill_pages, markdown_table

STAGES = ("load", "skull_strip", "quality", "midline", "network", "result", "map", "files")
"""In order; the seconds of each stand in every answer, but for those of ``files``: writing them and the report."""

PEERS = ("deepbet",)
"""Brain extraction of other projects, measured where it is installed."""


def benchmark_predict(
    output_dir: str = "docs", spacing: float = 0.5, threads: int = 2, repeats: int = 3, seed: int = 2026
) -> dict[str, Any]:
    """Predict a synthetic newborn scan, and strip it by a peer; write ``predict.json`` and fill the pages' table.

    Args:
        output_dir: folder for ``predict.json``, whose pages are filled.
        spacing: sides of the scan's voxels, mm.
        threads: of the CPU.
        repeats: of each measurement; the median counts, the first time is given beside it.
        seed: of the head.

    Returns:
        What was written: ``rows`` with ``what``, ``device``, ``seconds`` (of each stage, and ``total``), ``first_s``,
        the total of the first time, and ``peak_mb``; or ``failed``, a message.
    """
    import torch

    from scripts.phantom.cohort import make_cohort

    devices = ["cpu", *(["cuda:0"] if torch.cuda.is_available() else [])]
    runs = [("predict", device) for device in devices] + [(peer, "cpu") for peer in PEERS]
    with tempfile.TemporaryDirectory() as folder:
        datalist = make_cohort(folder, subjects=1, seed=seed, workers=1, spacing=spacing)
        scan = datalist.parent / json.loads(datalist.read_text())["training"][1]["image"]
        rows = [
            {"what": what, "device": device, **measured(what, device, scan, threads, repeats)} for what, device in runs
        ]
    gpu = {"gpu": torch.cuda.get_device_name()} if torch.cuda.is_available() else {}
    report = {
        "note": f"A synthetic newborn head. {RESEARCH_ONLY}",
        "machine": {
            "processor": platform.machine(),
            "cores": os.cpu_count(),
            "python": platform.python_version(),
            **gpu,
        },
        "spacing_mm": spacing,
        "threads": threads,
        "repeats": repeats,
        "rows": rows,
    }
    out = Path(output_dir)
    write_text(out / "predict.json", json.dumps(report, indent=1) + "\n")
    fill_pages([out], "predict", as_markdown(report))
    return report


def measured(what: str, device: str, scan: Path, threads: int, repeats: int) -> dict[str, Any]:
    """Measure in a process of its own, see ``predict_cost``."""
    hidden = {} if device.startswith("cuda") else {"CUDA_VISIBLE_DEVICES": ""}
    environment = {**os.environ, "OMP_NUM_THREADS": str(threads), **hidden}
    words = [what, device, str(scan), str(threads), str(repeats)]
    command = [sys.executable, "-m", "bundle.research.benchmark.predict_cost", *words]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    last = ((done.stderr if done.returncode else done.stdout).strip().splitlines() or ["no message"])[-1]
    return {"failed": last} if done.returncode else json.loads(last)


def as_markdown(report: dict[str, Any]) -> str:
    """Lay seconds and memory out."""
    sides, threads = f"{report['spacing_mm']:g} mm", report["threads"]
    header = [f"seconds for a scan of {sides}, {threads} threads", *(stage.replace("_", " ") for stage in STAGES)]
    return markdown_table([*header, "total", "peak memory"], map(_cells, report["rows"]))


def _cells(row: dict[str, Any]) -> list[str]:
    name = f"`predict`, {row['device']}" if row["what"] == "predict" else f"brain extraction alone, {row['what']}"
    if "failed" in row:
        return [name, *["–"] * len(STAGES), row["failed"], "–"]
    stages = (f"{row['seconds'][stage]:.1f}" if stage in row["seconds"] else "–" for stage in STAGES)
    return [name, *stages, f"{row['seconds']['total']:.1f}", f"{row['peak_mb'] / 1000:.1f} GB"]
