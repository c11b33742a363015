"""The numbers of the skull strip's benchmark, for every set and method."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np


def summary(rows: Sequence[dict[str, Any]]) -> dict[str, dict[str, dict[str, float | int]]]:
    """Return set → method → number of heads, failures, mean and worst Dice and 95 % Hausdorff distance."""
    sets = dict.fromkeys(row["set"] for row in rows)
    groups = {name: [row for row in rows if row["set"] == name] for name in sets}
    real = [row for row in rows if row["set"].startswith("real")]
    groups |= {"real, all": real} if real else {}
    out: dict[str, dict[str, dict[str, float | int]]] = {}
    for name, members in groups.items():
        for method in dict.fromkeys(row["method"] for row in members):
            mine = [row for row in members if row["method"] == method]
            dice = [row["dice"] for row in mine]
            distance = [row["hd95"] for row in mine if row["hd95"] is not None]
            out.setdefault(name, {})[method] = {
                "heads": len(mine),
                "failed": sum("failed" in row for row in mine),
                "dice_mean": float(np.mean(dice)),
                "dice_worst": float(np.min(dice)),
                **({"hd95_mean": float(np.mean(distance)), "hd95_worst": max(distance)} if distance else {}),
            }
    return out


def against(rows: Sequence[dict[str, Any]], tool: str = "deepbet") -> dict[str, dict[str, Any]]:
    """Compare the learned strip with another tool on the same real heads.

    Returns:
        Set → mean difference of Dice, learned minus the tool: of every head over its poses, and of all heads with a
        95 % interval by Student's t over heads, since poses of one head are no independent samples.
    """
    from scipy.stats import t

    dice = {(row["method"], row["set"], row["head"], row.get("pose", 0)): row["dice"] for row in rows}
    out: dict[str, dict[str, Any]] = {}
    for (method, name, head, pose), value in dice.items():
        if method == "learned" and (tool, name, head, pose) in dice:
            heads = out.setdefault(name, {}).setdefault("heads", {})
            heads.setdefault(head.split(",")[0], []).append(value - dice[tool, name, head, pose])
    for row in out.values():
        row["poses"] = max(map(len, row["heads"].values()))
        row["heads"] = {head: float(np.mean(values)) for head, values in row["heads"].items()}
        means = list(row["heads"].values())
        row["mean"] = float(np.mean(means))
        if len(means) > 1:
            reach = t.ppf(0.975, len(means) - 1) * np.std(means, ddof=1) / len(means) ** 0.5
            row["interval"] = [row["mean"] - float(reach), row["mean"] + float(reach)]
    return out
