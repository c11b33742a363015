"""The benchmark of the skull strip: masks against a reference, time and memory, beside the peers that are installed."""

from __future__ import annotations

import itertools
import json
import os
import platform
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from scripts.atomic_write import write_text

from ...pages import fill_pages
from .cost import costs
from .figure import Picture, draw_masks, picture
from .heads import FIRST_SEED, Case, synthetic_heads
from .methods import OURS, REAL_ONLY, T1_ONLY, installed, meant_for, strip
from .real_heads import POSES, real_heads
from .tables import against, against_as_markdown, as_markdown, cost_as_markdown, summary

SURFACES = 12
"""Scans of each set for which the Hausdorff distance is measured: it takes longer than the strip."""


def benchmark_skull_strip(
    output_dir: str = "docs",
    heads: int = 100,
    hard: int = 50,
    first_seed: int = FIRST_SEED,
    poses: int = POSES,
    itk_dir: str | None = None,
    mricron_dir: str | None = None,
    spm_dir: str | None = None,
    methods: Sequence[str] | None = None,
    cases: Iterable[Case] | None = None,
    threads: Sequence[int] = (1, 2),
) -> dict[str, Any]:
    """Run the methods on the test set, and write ``skull_strip.json`` and a figure.

    Args:
        output_dir: folder for ``skull_strip.json`` and ``figures/skull_strip.png``.
        heads: synthetic heads of plausible contrast.
        hard: of these scanned again, harder; see ``skull_strip_heads``.
        first_seed: of the synthetic heads; what is decided is decided on others than the test set's.
        poses: of every real head; 0 leaves the real heads out.
        itk_dir: folder of ITK's example head; None leaves that head out.
        mricron_dir: folder of MRIcron's templates, for Colin 27; None leaves it out.
        spm_dir: folder of SPM, for its averages of T2 and PD; None leaves them out.
        methods: names; None is ours and the peers that are installed.
        cases: other heads than the test set's, for a quick try.
        threads: numbers of cores for which time and memory are measured; none skips that.

    Returns:
        What was written: ``sets`` (name → method → Dice, Hausdorff distance), ``against`` deepbet, ``cost``, and every
        single case.
    """
    chosen = list(methods) if methods is not None else [*OURS, *(m for m in REAL_ONLY if installed(m))]
    if cases is None:
        folders = {"itk": itk_dir, "mricron": mricron_dir, "spm": spm_dir}
        cases = itertools.chain(synthetic_heads(heads, hard, first_seed), real_heads(folders, poses))
    rows: list[dict[str, Any]] = []
    shown: dict[str, list[Picture]] = {}
    for case in cases:
        measured = sum(row["set"] == case.group and row["method"] == chosen[0] for row in rows) < SURFACES
        for method in chosen:
            if not meant_for(method, case):
                continue
            row, found = score(method, case, surface=measured)
            rows.append(row)
            if method == chosen[0]:
                name = "real" if case.group.startswith("real") else case.group
                shown.setdefault(name, []).append(picture(case, found, row["dice"]))
    report: dict[str, Any] = {
        "machine": {"processor": platform.machine(), "cores": os.cpu_count(), "python": platform.python_version()},
        "sets": summary(rows),
        "against": against(rows),
        "cost": costs([method for method in chosen if method not in T1_ONLY], threads),  # its head is T2-like
        "cases": rows,
    }
    out = Path(output_dir)
    (out / "figures").mkdir(parents=True, exist_ok=True)
    write_text(out / "skull_strip.json", json.dumps(report, indent=1) + "\n")
    fill_pages([out], "skull_strip", as_markdown(report))
    fill_pages([out], "skull_strip_against", against_as_markdown(report["against"]))
    fill_pages([out], "skull_strip_cost", cost_as_markdown(report["cost"]))
    draw_masks(shown, out / "figures" / "skull_strip.png")
    return report


def score(method: str, case: Case, surface: bool = True) -> tuple[dict[str, Any], np.ndarray]:
    """Dice, 95 % Hausdorff distance (mm) and seconds of a method on a head, and its mask (X, Y, Z).

    A method that raises has found nothing: Dice 0, with its message as ``failed``.
    """
    import torch
    from monai.metrics import compute_dice, compute_hausdorff_distance

    row: dict[str, Any] = {"set": case.group, "head": case.name, "pose": case.pose, "method": method}
    start = time.perf_counter()
    try:
        found = strip(method, case.image, case.affine)
    except Exception as error:  # whatever a peer raises
        return row | {"dice": 0.0, "hd95": None, "failed": str(error)[:200]}, np.zeros_like(case.mask)
    row["seconds"] = round(time.perf_counter() - start, 2)
    both = torch.from_numpy(np.stack([found, case.mask]))
    spans = [slice(max(0, int(at.min()) - 1), int(at.max()) + 2) for at in np.nonzero(found | case.mask)]
    pred, truth = both[(slice(None), *spans)].float()[:, None, None]
    row["dice"] = round(float(compute_dice(pred, truth)), 4)
    spacing = np.linalg.norm(case.affine[:3, :3], axis=0)
    row["hd95"] = (
        round(float(compute_hausdorff_distance(pred, truth, True, percentile=95, spacing=list(spacing))), 2)
        if surface
        else None
    )
    return row, found
