"""The benchmark of the skull strip: masks against a reference, time and memory, beside other tools if installed."""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from scripts.disclaimer import RESEARCH_ONLY

from ..cases import measure_all
from .cost import costs
from .figure import draw_masks, keep_views
from .heads import FIRST_SEED, Case, subject_heads
from .methods import OURS, REAL_ONLY, T1_ONLY, installed, meant_for, strip
from .real_heads import POSES, REAL, find_root, real_heads
from .tables import against, summary

SURFACES = 12
"""Scans of each set for which the Hausdorff distance is measured: it takes longer than the strip."""


def measure(
    folder: Path,
    heads: int = 16,
    hard: int = 8,
    first_seed: int = FIRST_SEED,
    poses: int = POSES,
    itk_dir: str | None = None,
    mricron_dir: str | None = None,
    spm_dir: str | None = None,
    methods: Sequence[str] | None = None,
    threads: Sequence[int] = (1, 2),
    at_once: int | None = None,
) -> dict[str, Any]:
    """Run the methods on the test set.

    Args:
        folder: of what is measured; the figure is written there as ``figure.png``.
        heads: synthetic heads with the contrast of T1w or T2w.
        hard: how many of these are scanned again, with a random contrast, thick slices or a cut field of view.
        first_seed: of the synthetic heads; what is decided is decided on other heads than the test set's.
        poses: of every real head; 0 leaves the real heads out.
        itk_dir: folder of ITK's example head; None leaves that head out.
        mricron_dir: folder of MRIcron's templates, for Colin 27; None leaves it out.
        spm_dir: folder of SPM, for its averages of T2 and PD; None leaves them out.
        methods: names; by default ours and the other tools that are installed.
        threads: numbers of cores for which time and memory are measured; none skips that.
        at_once: processes at a time; 0 works in this process.

    Returns:
        JSON-safe: ``sets`` (name → method → Dice, Hausdorff distance), ``against`` deepbet, and ``cost``.
    """
    chosen = list(methods) if methods is not None else [*OURS, *(m for m in REAL_ONLY if installed(m))]
    folders = {"itk": itk_dir, "mricron": mricron_dir, "spm": spm_dir}
    real = [name for name, source in REAL.items() if poses and find_root(source, folders)]
    synthetic = measure_all(_synthetic, heads, folder / "synthetic", (chosen, first_seed, hard), at_once)
    scanned = measure_all(_real, len(real), folder / "real", (chosen, real, folders, poses), at_once)
    rows = [row for part in (*synthetic, *scanned) for row in part]
    draw_masks([row for row in rows if row["method"] == chosen[0]], folder / "figure.png")
    return {
        "note": f"Synthetic heads, and heads of adults; no newborn was scanned. {RESEARCH_ONLY}",
        "machine": {"processor": platform.machine(), "cores": os.cpu_count(), "python": platform.python_version()},
        "sets": summary(rows),
        "against": against(rows),
        "cost": costs([method for method in chosen if method not in T1_ONLY], threads),  # its head is T2-like
    }


def missing_heads(folders: Mapping[str, str | Path | None]) -> list[str]:
    """Return the names of the real heads that are neither installed nor in the given folders."""
    return [name for name, source in REAL.items() if find_root(source, folders) is None]


def _synthetic(number: int, folder: Path, methods: Sequence[str], first_seed: int, hard: int) -> list[dict[str, Any]]:
    cases = subject_heads(first_seed + number, number, number < hard)
    return [row for case in cases for row in _rows(case, methods, folder, number < SURFACES)]


def _real(
    number: int, folder: Path, methods: Sequence[str], names: Sequence[str], folders: Mapping[str, str], poses: int
) -> list[dict[str, Any]]:
    contrast = REAL[names[number]].contrast
    alike = sum(REAL[name].contrast == contrast for name in names)
    return [
        row
        for case in real_heads(folders, poses, only=names[number])
        for row in _rows(case, methods, folder, case.pose * alike < SURFACES)
    ]


def _rows(case: Case, methods: Sequence[str], folder: Path, surface: bool) -> list[dict[str, Any]]:
    rows = []
    for method in methods:
        if meant_for(method, case):
            row, mask = score(method, case, surface)
            if method == methods[0]:
                row["views"] = str(keep_views(case, mask, folder))
            rows.append(row)
    return rows


def score(method: str, case: Case, surface: bool = True) -> tuple[dict[str, Any], np.ndarray]:
    """Measure Dice, 95 % Hausdorff distance (mm) and seconds of a method on a head; return them and the mask (X, Y, Z).

    A method that raises has found nothing: Dice 0, with its message as ``failed``.
    """
    import torch
    from monai.metrics import compute_dice, compute_hausdorff_distance

    from scripts.io.affine import voxel_size

    row: dict[str, Any] = {"set": case.group, "head": case.name, "pose": case.pose, "method": method}
    start = time.perf_counter()
    try:
        mask = strip(method, case.image, case.affine)
    except Exception as error:  # whatever another tool raises
        return row | {"dice": 0.0, "hd95": None, "failed": str(error)[:200]}, np.zeros_like(case.mask)
    row["seconds"] = round(time.perf_counter() - start, 2)
    both = torch.from_numpy(np.stack([mask, case.mask]))
    spans = [slice(max(0, int(at.min()) - 1), int(at.max()) + 2) for at in np.nonzero(mask | case.mask)]
    pred, truth = both[(slice(None), *spans)].float()[:, None, None]
    row["dice"] = round(float(compute_dice(pred, truth)), 4)
    spacing = voxel_size(case.affine)
    row["hd95"] = (
        round(float(compute_hausdorff_distance(pred, truth, True, percentile=95, spacing=list(spacing))), 2)
        if surface
        else None
    )
    return row, mask
