"""Measure time and memory of a method for one head, as JSON.

``python -m bundle.research.benchmark.skull_strip.cost METHOD THREADS HEAD [DEVICE]``
"""

from __future__ import annotations

import itertools
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from .... import ROOT
from ..memory import peak_mb, peak_of_children_mb

REPEATS = 3


def write_head(path: Path) -> None:
    """Write a head of 1 mm voxels: the synthetic one of a seed, enlarged to an adult's size.

    Args:
        path: of an array file (X, Y, Z) float32, axes right, anterior, superior.
    """
    import torch

    from scripts.phantom.scanner import CONTRASTS
    from scripts.phantom.template import load_atlas
    from scripts.skull_strip.training.label_maps import CODE, STEP, draw_newborn

    labels = draw_newborn(load_atlas(), torch.Generator().manual_seed(900_001)).labels
    levels = torch.zeros(len(CODE))
    names = ("csf", "cortex", "white", "deep", "myelin", "skull", "fat", "skin", "soft_0", "soft_1", "eye", "lens")
    for name, level in zip(names, CONTRASTS["T2w"], strict=True):
        levels[CODE[name]] = level
    fine = torch.nn.functional.interpolate(levels[labels.int()][None], scale_factor=STEP, mode="trilinear")[0, 0]
    noise = np.abs(np.random.default_rng(0).normal(0, 0.02, fine.shape))
    np.save(path, (fine.numpy() + noise).astype(np.float32))


def costs(methods: Sequence[str], threads: Sequence[int], gpu: bool | None = None) -> list[dict[str, Any]]:
    """Measure seconds and peak memory (MB) of each method for a head of 1 mm voxels, each in a process of its own.

    Args:
        methods: names.
        threads: numbers of cores; none measures nothing.
        gpu: whether the learned strip is measured on a GPU, too; None: where there is one.
    """
    import torch

    gpu = torch.cuda.is_available() if gpu is None else gpu
    places = [(method, count, "cpu") for method, count in itertools.product(methods, threads)]
    places += [("learned", max(threads), "cuda:0")] if gpu and threads and "learned" in methods else []
    rows: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory() as folder:
        head = Path(folder) / "head.npy"
        if threads:
            write_head(head)
        for method, count, device in places:
            environment = {**os.environ, "OMP_NUM_THREADS": str(count), "NUMBA_NUM_THREADS": str(count)}
            command = [
                sys.executable,
                "-m",
                "bundle.research.benchmark.skull_strip.cost",
                method,
                str(count),
                str(head),
                device,
            ]
            done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
            last = ((done.stderr if done.returncode else done.stdout).strip().splitlines() or ["no message"])[-1]
            row = {"method": method, "threads": count, "device": device}
            rows.append({**row, **({"failed": last} if done.returncode else json.loads(last))})
    return rows


def main(method: str, threads: int, path: str, device: str = "cpu") -> None:
    """Strip the same head a few times; print the first time, the shortest of the others, and the peak memory in MB.

    On a GPU the copies to it and back count, and its own memory is printed, too.
    """
    import torch

    from .methods import strip

    torch.set_num_threads(threads)
    head = np.load(path)
    before = peak_mb()
    seconds = []
    for _ in range(REPEATS):
        start = time.perf_counter()
        strip(method, head, np.eye(4), device)
        seconds.append(time.perf_counter() - start)
    peak, child = peak_mb(), peak_of_children_mb()  # of another project's program
    out = {"voxels": head.size, "first_s": seconds[0], "seconds": min(seconds[1:])}
    out |= {"peak_mb": max(peak, child), "before_mb": before}
    out |= {"gpu_mb": torch.cuda.max_memory_allocated() / 1e6} if device.startswith("cuda") else {}
    print(json.dumps({key: round(value, 2) for key, value in out.items()}))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), *sys.argv[3:])
