"""The benchmark of the midline: heads and slices whose mid-sagittal plane is known, beside a baseline."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import torch

from scripts.disclaimer import RESEARCH_ONLY
from scripts.midline.find_plane import ANGLE_ERROR_LIMIT, OFFSET_ERROR_LIMIT, FoundPlane, find_plane
from scripts.midline.plane import MidsagittalPlane
from scripts.skull_strip import SkullStrip

from ..cases import atlas, measure_all
from .figure import draw_planes
from .heads import MAX_SHIFT, MAX_TILT, cut_slice, make_case
from .pair_figure import draw_pair
from .real_heads import known_motion, repeatability
from .registration import NAME, register_to_mirror_image

SEED = 5151
"""Of the heads that are reported; nothing was developed on them."""

FAR_OFF = 2.0
"""Degrees; a plane that is farther off must be flagged."""

ERRORS = {"angle": "°", "offset": "mm"}
BASELINES = {"mean plane (baseline)": "plane", "mean line of slices (baseline)": "line"}


def measure(
    folder: Path,
    heads: int = 40,
    symmetric: int = 8,
    strip: str = "learned",
    seed: int = SEED,
    itk_dir: str | None = None,
    mricron_dir: str | None = None,
    spm_dir: str | None = None,
    at_once: int | None = None,
) -> dict[str, Any]:
    """Measure the midline search on synthetic heads and slices, and on the real ones that are installed or given.

    Args:
        folder: of what is measured; the figures are written there as ``midline.png`` and ``pair.png``.
        heads: tilted, shifted heads with natural asymmetry, half of them with a lesion, each with its true brain mask
            and with that of the skull strip; one slice is cut from each. Where there is a GPU, the search with the
            true mask is made on it, too. The same brain is also registered to its mirror image by SimpleITK.
        symmetric: heads that are exactly symmetric.
        strip: method of ``scripts.skull_strip``.
        seed: of all synthetic heads.
        itk_dir: folder of ITK's example head and slices; see ``real_heads`` of the skull strip for this and the next.
        mricron_dir: folder of MRIcron's templates.
        spm_dir: folder of SPM.
        at_once: processes at a time; 0 works in this process.

    Returns:
        JSON-safe: for each set the mean, 95th percentile and worst error of angle and offset, how many are flagged and
        how many are more than ``FAR_OFF`` degrees off without a flag, and the median seconds.
    """
    measured = measure_all(_head, heads, folder / "heads", (seed, strip), at_once)
    even = measure_all(_symmetric_head, symmetric, folder / "symmetric", (seed + 1,), at_once)
    rows: dict[str, list[dict[str, Any]]] = {}
    for one in (*measured, *even):
        for name, row in one["rows"].items():
            rows.setdefault(name, []).append(row)
    for name, kind in BASELINES.items():
        truths = [MidsagittalPlane(*map(tuple, one[kind])) for one in measured]
        mean = FoundPlane(MidsagittalPlane.mean(truths), 0.0, 0.0, 0.0)
        rows[name] = [_errors(mean, truth) for truth in truths]
    stripped = f"skull strip: {strip}"
    order = sorted(
        (one["rows"][stripped]["angle"], number) for number, one in enumerate(measured) if stripped in one["rows"]
    )
    shown = {name: order[i][1] for name, i in (("best", 0), ("median", len(order) // 2), ("worst", -1))}
    drawn = {name: make_case(atlas(), seed, n) for name, n in shown.items()}
    draw_planes(drawn, SkullStrip(strip), folder / "midline.png")
    draw_pair(drawn["median"].image, SkullStrip(strip), folder / "pair.png")
    return {
        "note": f"Synthetic heads, and heads of adults; no newborn was scanned. {RESEARCH_ONLY}",
        "seed": seed,
        "pose": f"each tilt within {MAX_TILT:g} degrees, each shift within {MAX_SHIFT:g} mm",
        **({"gpu": torch.cuda.get_device_name()} if torch.cuda.is_available() else {}),
        "refused_by_skull_strip": len(measured) - len(order),
        "sets": {name: summarise(members) for name, members in rows.items()},
        "repeatability": repeatability({"itk": itk_dir, "mricron": mricron_dir, "spm": spm_dir}),
        "known_motion": known_motion(itk_dir) if itk_dir else {},
    }


def summarise(rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Summarise the errors of one set: angles in degrees, offsets in mm."""
    columns = {key: np.array([row[key] for row in rows]) for key in ERRORS}
    out: dict[str, Any] = {"n": len(rows)}
    for key, values in columns.items():
        out |= {f"{key}_mean": values.mean(), f"{key}_p95": np.quantile(values, 0.95), f"{key}_worst": values.max()}
    out = {key: round(float(value), 3) for key, value in out.items()} | {"n": len(rows)}
    if "seconds" in rows[0]:  # a baseline has neither time nor an error estimate
        far_off = columns["angle"] > FAR_OFF
        out["far_off"] = int(far_off.sum())
        if "flagged" in rows[0]:  # a registration has no error estimate
            flagged = np.array([row["flagged"] for row in rows])
            out |= {"flagged": int(flagged.sum()), "far_off_not_flagged": int((far_off & ~flagged).sum())}
        out["seconds_median"] = round(float(np.median([row["seconds"] for row in rows])), 2)
    return out


def _head(number: int, folder: Path, seed: int, strip: str) -> dict[str, Any]:
    """Errors of one head with each mask, and of a slice of it; the true plane and line."""
    case = make_case(atlas(), seed, number)
    brain = case.image * case.mask
    rows = {"true mask": _measured(brain, case.plane), f"true mask, {NAME}": _registered(brain, case.plane)}
    if torch.cuda.is_available():
        rows["true mask, on a GPU"] = _measured(brain.to("cuda"), case.plane)
    with suppress(ValueError):  # no plausible brain: it never reaches the search, and is counted as refused
        rows[f"skull strip: {strip}"] = _measured(SkullStrip(strip)(case.image)[0], case.plane)
    cut, line = cut_slice(case, np.random.default_rng([seed, number, 2]))
    rows["slice"] = _measured(cut, line)
    return {"rows": rows, "plane": _plain(case.plane), "line": _plain(line)}


def _symmetric_head(number: int, folder: Path, seed: int) -> dict[str, Any]:
    case = make_case(atlas(), seed, number, "none")
    return {"rows": {"symmetric": _measured(case.image * case.mask, case.plane)}}


def _measured(brain: torch.Tensor, truth: MidsagittalPlane) -> dict[str, Any]:
    start = time.perf_counter()
    detected = find_plane(brain, brain.affine)
    return {**_errors(detected, truth), "seconds": time.perf_counter() - start}


def _registered(brain: torch.Tensor, truth: MidsagittalPlane) -> dict[str, Any]:
    start = time.perf_counter()
    plane = register_to_mirror_image(brain, brain.affine)
    seconds = time.perf_counter() - start
    return {**_distances(plane, truth), "seconds": seconds}


def _errors(detected: FoundPlane, truth: MidsagittalPlane) -> dict[str, Any]:
    return {
        **_distances(detected.plane, truth),
        "flagged": bool(detected.angle_error > ANGLE_ERROR_LIMIT or detected.offset_error > OFFSET_ERROR_LIMIT),
    }


def _distances(plane: MidsagittalPlane, truth: MidsagittalPlane) -> dict[str, float]:
    return {"angle": float(plane.angle_to(truth)), "offset": float(abs(truth.distance_to(plane.point)))}


def _plain(plane: MidsagittalPlane) -> list[list[float]]:
    return [list(map(float, plane.point)), list(map(float, plane.normal))]
