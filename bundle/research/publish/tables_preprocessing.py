"""Tables of the skull strip, the midline, what they cost, and the time of a prediction."""

from __future__ import annotations

from typing import Any

from ... import ROOT
from ..markdown import MISSING, markdown_table
from .code import hash_of
from .nodes import STRIP

STAGES = ("load", "skull_strip", "quality", "midline", "network", "result", "map", "files")
ERRORS = {"angle": "°", "offset": "mm"}
TIMED = "deepbet"
"""The tool that the times of the skull strips are compared with."""


def skull_strip(result: dict[str, Any]) -> str:
    """Lay out the Dice of every set: mean (worst) of each method, and the mean Hausdorff distance."""
    sets = result["sets"]
    methods = list(dict.fromkeys(method for row in sets.values() for method in row))
    rows = []
    for name, by_method in sets.items():
        scans = max(row["heads"] for row in by_method.values())
        rows.append([f"{name} ({scans})", *(_dice(by_method.get(method), scans) for method in methods)])
    table = markdown_table(["Dice: mean (worst); 95 % Hausdorff distance", *methods], rows)
    measured = result.get("real_heads_weights")
    if measured and measured != hash_of(ROOT / STRIP):
        table += "\nThe rows of real heads were measured with other weights of the skull strip than the shipped ones.\n"
    return table


def skull_strip_against(result: dict[str, Any]) -> str:
    """Lay out by how much the learned strip's Dice differs from the other tool's."""
    sets = result["against"]
    heads = list(dict.fromkeys(head for row in sets.values() for head in row["heads"]))
    rows = []
    for name, row in sets.items():
        low, high = row.get("interval", (None, None))
        mean = f"{row['mean']:+.4f}" + ("" if low is None else f" ({low:+.4f} to {high:+.4f})")
        rows.append(
            [name, *(f"{row['heads'][head]:+.4f}" if head in row["heads"] else MISSING for head in heads), mean]
        )
    return markdown_table([f"Dice of learned minus {TIMED}", *heads, "mean (95 % interval over heads)"], rows)


def skull_strip_cost(result: dict[str, Any]) -> str:
    """Lay out time and memory of each method for one head."""
    cost = result["cost"]
    reference = {row["threads"]: row["seconds"] for row in cost if row["method"] == TIMED and "seconds" in row}
    rows = []
    for row in cost:
        gpu = row.get("device", "cpu") != "cpu"
        cells = [row["method"], f"{row['threads']}, and a GPU" if gpu else str(row["threads"])]
        if "failed" in row:
            rows.append([*cells, row["failed"], "", ""])
            continue
        memory = f"{row['peak_mb'] / 1000:.2f} GB" + (f", of the GPU {row['gpu_mb'] / 1000:.2f} GB" if gpu else "")
        ratio = f"{row['seconds'] / reference[row['threads']]:.2f}" if row["threads"] in reference else ""
        rows.append([*cells, f"{row['seconds']:.2f} s", memory, ratio])
    return markdown_table(["method", "threads", "a head of 1 mm", "peak memory", f"time relative to {TIMED}"], rows)


def midline(result: dict[str, Any]) -> str:
    """Lay out the errors of every set of heads."""
    rows = []
    for name, row in result["sets"].items():
        errors = [" / ".join(f"{row[f'{of}_{what}']:.2f}" for what in ("mean", "p95", "worst")) for of in ERRORS]
        flags = [str(row.get(key, MISSING)) for key in ("flagged", "far_off", "far_off_not_flagged")]
        seconds = f"{row['seconds_median']:.2f}" if "seconds_median" in row else MISSING
        rows.append([f"{name} ({row['n']})", *errors, *flags, seconds])
    titles = [f"{of} ({unit}): mean / 95th percentile / worst" for of, unit in ERRORS.items()]
    return markdown_table(["heads", *titles, "flagged", "above 2°", "of these not flagged", "seconds (median)"], rows)


def midline_real(result: dict[str, Any]) -> str:
    """Lay out how well the plane of a real image is found again after a movement."""
    rows = [
        [f"{name}, {what}", *(f"{row[f'{of}_mean']:.2f} / {row[f'{of}_worst']:.2f}" for of in ERRORS)]
        for part, what in (("repeatability", "from their mean"), ("known_motion", "from the known line"))
        for name, row in result[part].items()
    ]
    return markdown_table(["", *(f"{of} ({unit}): mean / worst" for of, unit in ERRORS.items())], rows)


def false_alarms(result: dict[str, Any]) -> str:
    """Lay out the false-positive rate after each preprocessing."""
    ratios = {name: _ratio(ratio) for name, ratio in result["ratio"].items()}
    rows = [[name, _percent(share), ratios.get(name, "1")] for name, share in result["false_positive_rate"].items()]
    heads = f"{result['scans']} normal scans of {result['subjects']} synthetic subjects"
    return markdown_table([heads, "false-positive rate (95 % interval over subjects)", "relative to perfect"], rows)


def intensities(result: dict[str, Any]) -> str:
    """Lay out by how much the unit of intensities depends on the skull strip."""
    rows = [
        [f"{name} brain", *(f"{100 * row[part]:.1f} %" for part in ("median", "largest"))]
        for name, row in result["intensities"].items()
    ]
    return markdown_table(["standard deviation of the intensities", "differs by: median", "largest"], rows)


def predict(result: dict[str, Any]) -> str:
    """Lay out seconds and memory of a prediction."""
    header = [f"seconds for a scan of {result['spacing_mm']:g} mm, {result['threads']} threads"]
    header += [stage.replace("_", " ") for stage in STAGES]
    return markdown_table([*header, "total", "peak memory"], map(_prediction, result["rows"]))


def _prediction(row: dict[str, Any]) -> list[str]:
    name = f"`predict`, {row['device']}" if row["what"] == "predict" else f"brain extraction alone, {row['what']}"
    if "failed" in row:
        return [name, *[MISSING] * len(STAGES), row["failed"], MISSING]
    stages = (f"{row['seconds'][stage]:.1f}" if stage in row["seconds"] else MISSING for stage in STAGES)
    return [name, *stages, f"{row['seconds']['total']:.1f}", f"{row['peak_mb'] / 1000:.1f} GB"]


def _dice(row: dict[str, Any] | None, scans: int) -> str:
    if row is None:
        return MISSING
    distance = f"; {row['hd95_mean']:.1f} mm" if "hd95_mean" in row else ""
    failed = f"; {row['failed']} failed" if row["failed"] else ""
    few = f"; n = {row['heads']}" if row["heads"] < scans else ""
    return f"{row['dice_mean']:.3f} ({row['dice_worst']:.3f}){distance}{failed}{few}"


def _ratio(ratio: list[float | None]) -> str:
    value, low, high = (MISSING if part is None else f"{part:.2f}" for part in ratio)
    return f"{value} ({low}–{high})"


def _percent(share: list[float]) -> str:
    value, low, high = (100 * part for part in share)
    return f"{value:.1f} % ({low:.1f}–{high:.1f})"
