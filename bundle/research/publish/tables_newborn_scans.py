"""Tables of real newborns: each contrast beside the networks before, false alarms, and thick slices."""

from __future__ import annotations

from typing import Any

from ..markdown import markdown_table, with_interval
from .tables_scores import share

SIZES = ("5", "7", "9", "13.5", "20")
GROUPS = {"all": "T1 and T2", "T1w": "T1", "T2w": "T2"}


def contrasts(result: dict[str, Any]) -> str:
    """Lay out the AUC of physical lesions for each contrast, trained on newborns and on synthetic heads only."""
    rows = [
        [f"{title}, {training}", *_aucs(reports[group]), share(reports[group]["false_positive_rate"]["normal"])]
        for group, title in GROUPS.items()
        for training, reports in (("trained on newborns", result), ("synthetic heads only", result["synthetic"]))
    ]
    return markdown_table(["", *_titles(), "false-positive rate"], rows)


def alarms(result: dict[str, Any]) -> str:
    """Lay out how often normal slices and scans are above their threshold."""
    rows = [
        [title, *(share(result["false_alarms"][group][key]) for key in ("by_slice", "by_scan_cross_fitted"))]
        for group, title in GROUPS.items()
    ]
    return markdown_table(["", "normal slices above the threshold", "normal scans above the threshold"], rows)


def thick(result: dict[str, Any]) -> str:
    """Lay out the AUC of physical lesions in thick slices along each axis."""
    versions = {"as they are": {"all": result["all"]}, **result["thick"]}
    rows = [[name, *_aucs(groups["all"])] for name, groups in versions.items()]
    return markdown_table(["", *_titles()], rows)


def _titles() -> list[str]:
    return [f"AUC, {size} mm" for size in SIZES]


def _aucs(report: dict[str, Any]) -> list[str]:
    return [with_interval(report["physical"][size]["auc"]) for size in SIZES]
