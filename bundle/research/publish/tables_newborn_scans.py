"""Tables of real newborns: contrasts, false alarms, the same lesion in T1 and T2, poses, skull strip, thick slices."""

from __future__ import annotations

from typing import Any

from ..markdown import MISSING, markdown_table, with_interval
from .tables_scores import share

SIZES = ("5", "7", "9", "13.5", "20")
GROUPS = {"all": "T1 and T2", "T1w": "T1", "T2w": "T2"}

MATERIALS = {
    "synthetic": "synthetic heads",
    "heads": "these, then newborn-like synthetic heads",
    "newborns": "synthetic heads, then newborns",
    "both": "synthetic heads, then both",
    "pathologies": "both, with drawn pathologies",
}
"""What networks learnt from -> title of its row."""

SAME = {
    "same_side": "same side",
    "same_side_if_above": "same side, if both are above the threshold",
    "peaks_near": "peaks within 5 mm",
    "peaks_near_if_above": "peaks within 5 mm, if both are above the threshold",
}
"""Measure of the same lesion in T1 and T2 -> head of its column."""


def contrasts(result: dict[str, Any]) -> str:
    """Lay out the AUC of physical lesions for each contrast, trained on newborns and on synthetic heads only."""
    rows = [
        [f"{title}, {training}", *_aucs(reports[group]), share(reports[group]["false_positive_rate"]["normal"])]
        for group, title in GROUPS.items()
        for training, reports in (("trained on newborns", result), ("synthetic heads only", result["synthetic"]))
    ]
    return markdown_table(["", *_titles(), "false-positive rate"], rows)


def materials(result: dict[str, Any]) -> str:
    """Lay out the AUC of physical lesions by what the networks have learnt from."""
    rows = [
        [title, *_aucs(result[name]["all"]), tenths(result[name]["all"]["false_positive_rate"]["normal"])]
        for name, title in MATERIALS.items()
        if name in result
    ]
    return markdown_table(["learnt from", *_titles(), "false-positive rate"], rows)


def alarms(result: dict[str, Any]) -> str:
    """Lay out how often normal slices and scans are above their threshold."""
    rows = [
        [title, *(tenths(result["false_alarms"][group][key]) for key in ("by_slice", "by_scan_cross_fitted"))]
        for group, title in GROUPS.items()
    ]
    return markdown_table(["", "normal slices above the threshold", "normal scans above the threshold"], rows)


def versions(result: dict[str, Any], part: str) -> str:
    """Lay out the AUC of physical lesions in several versions of the scans."""
    rows = [
        [name, *_aucs(groups["all"]), tenths(groups["all"]["false_positive_rate"]["normal"])]
        for name, groups in result[part].items()
    ]
    return markdown_table(["", *_titles(), "false-positive rate"], rows)


def same_lesion(result: dict[str, Any]) -> str:
    """Lay out whether T1 and T2 of a newborn say the same of the same lesion."""
    part = result["same_lesion"]
    rows = [[size, *(tenths(row[name]) for name in SAME)] for size, row in part.items()]
    return markdown_table(["diameter (mm)", *SAME.values()], rows)


def repeatability(result: dict[str, Any]) -> str:
    """Lay out how much the score of a scan depends on pose, slice thickness and mirroring."""
    rows = [
        [
            f"{GROUPS[group]}, {resampling}",
            with_interval(row["sd"]),
            tenths(row["side_flips"]),
            f"{row['mirror_difference_worst']:.4f}",
        ]
        for group, resamplings in result["repeatability"].items()
        for resampling, row in resamplings.items()
    ]
    heads = ["standard deviation over poses", "side flips, if above the threshold", "largest difference to mirrored"]
    return markdown_table(["", *heads], rows)


def strip(result: dict[str, Any]) -> str:
    """Lay out the agreement of the brain masks with the tight reference."""
    rows = [
        [
            GROUPS[group],
            with_interval(row["dice"], 3),
            f"{row['dice_worst']:.3f}",
            tenths(row["beyond"]),
            f"{100 * row['beyond_worst']:.1f} %",
        ]
        for group, row in result["strip"].items()
    ]
    return markdown_table(["", "Dice", "lowest", "volume beyond 3 mm", "largest"], rows)


def tenths(estimate: list[float | None] | None) -> str:
    """Write a small share and its interval: ``0.2 % (0.1–0.3)``."""
    if not estimate:
        return MISSING
    value, low, high = (MISSING if part is None else f"{100 * part:.1f}" for part in estimate)
    return f"{value} % ({low}–{high})"


def _titles() -> list[str]:
    return [f"AUC, {size} mm" for size in SIZES]


def _aucs(report: dict[str, Any]) -> list[str]:
    return [with_interval(report["physical"][size]["auc"]) for size in SIZES]
