"""The benchmark of the skull strip in numbers: for every set and method, and what a head costs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ...pages import markdown_table


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


def against(rows: Sequence[dict[str, Any]], peer: str = "deepbet") -> dict[str, dict[str, Any]]:
    """Set of real heads → mean Dice of the learned strip less the peer's: of every head over its poses, and of all
    heads with a 95 % interval by Student's t over heads, for poses of one head are no independent samples."""
    from scipy.stats import t

    dice = {(row["method"], row["set"], row["head"], row.get("pose", 0)): row["dice"] for row in rows}
    out: dict[str, dict[str, Any]] = {}
    for (method, name, head, pose), value in dice.items():
        if method == "learned" and (peer, name, head, pose) in dice:
            heads = out.setdefault(name, {}).setdefault("heads", {})
            heads.setdefault(head.split(",")[0], []).append(value - dice[peer, name, head, pose])
    for row in out.values():
        row["poses"] = max(map(len, row["heads"].values()))
        row["heads"] = {head: round(float(np.mean(values)), 4) for head, values in row["heads"].items()}
        means = list(row["heads"].values())
        row["mean"] = round(float(np.mean(means)), 4)
        if len(means) > 1:
            reach = t.ppf(0.975, len(means) - 1) * np.std(means, ddof=1) / len(means) ** 0.5
            row["interval"] = [round(row["mean"] - float(reach), 4), round(row["mean"] + float(reach), 4)]
    return out


def against_as_markdown(sets: dict[str, dict[str, Any]]) -> str:
    """Lay out by how much the learned strip's Dice is above the peer's."""
    heads = list(dict.fromkeys(head for row in sets.values() for head in row["heads"]))
    rows = []
    for name, row in sets.items():
        low, high = row.get("interval", (None, None))
        every = f"{row['mean']:+.4f}" + ("" if low is None else f" ({low:+.4f} to {high:+.4f})")
        rows.append([name, *(f"{row['heads'][head]:+.4f}" if head in row["heads"] else "–" for head in heads), every])
    header = ["Dice of learned less deepbet's", *heads, "mean (95 % interval over heads)"]
    return markdown_table(header, rows)


def as_markdown(report: dict[str, Any]) -> str:
    """Lay the Dice of every set out: mean (worst) of each method, and beside it the Hausdorff distance's mean."""
    sets = report["sets"]
    methods = list(dict.fromkeys(method for row in sets.values() for method in row))
    rows = []
    for name, by_method in sets.items():
        scans = max(row["heads"] for row in by_method.values())
        cells = [f"{name} ({scans})"]
        for method in methods:
            row = by_method.get(method)
            few = f"; n = {row['heads']}" if row and row["heads"] < scans else ""
            cells.append("–" if row is None else _cell(row) + few)
        rows.append(cells)
    return markdown_table(["Dice: mean (worst); 95 % Hausdorff distance", *methods], rows)


def cost_as_markdown(cost: Sequence[dict[str, Any]]) -> str:
    """Lay out what a head costs each method."""
    least = {row["threads"]: row["seconds"] for row in cost if row["method"] == "deepbet" and "seconds" in row}
    rows = []
    for row in cost:
        gpu = row.get("device", "cpu") != "cpu"
        cells = [row["method"], f"{row['threads']}, and a GPU" if gpu else str(row["threads"])]
        if "failed" in row:
            rows.append([*cells, row["failed"], "", ""])
            continue
        memory = f"{row['peak_mb'] / 1000:.2f} GB" + (f", of the GPU {row['gpu_mb'] / 1000:.2f} GB" if gpu else "")
        ratio = f"{row['seconds'] / least[row['threads']]:.2f}" if row["threads"] in least else ""
        rows.append([*cells, f"{row['seconds']:.2f} s", memory, ratio])
    return markdown_table(["method", "threads", "a head of 1 mm", "peak memory", "time over deepbet's"], rows)


def _cell(row: dict[str, Any]) -> str:
    far = f"; {row['hd95_mean']:.1f} mm" if "hd95_mean" in row else ""
    failed = f"; {row['failed']} failed" if row["failed"] else ""
    return f"{row['dice_mean']:.3f} ({row['dice_worst']:.3f}){far}{failed}"
