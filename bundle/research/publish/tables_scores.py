"""Tables of evaluations: by size, by subgroup, and several evaluations side by side."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from scripts.evaluation.measures import MEASURES

from ..markdown import MISSING, markdown_table, with_interval
from .compact import SIZE
from .values import percent

COLUMNS = (
    *("auc", "balanced_accuracy", "sensitivity", "laterality_accuracy", "laterality_accuracy_of_detected"),
    *("localisation_accuracy", "known_location_accuracy", "baseline_auc"),
)
WITHOUT_INTERVAL = ("laterality_accuracy", "laterality_accuracy_of_detected", "localisation_accuracy")
"""Columns whose intervals stand in the JSON only, so that a row fits a page."""

LEVELS = {"none": "none: exactly symmetric", "mild": "mild", "mid": "mid: as in training", "strong": "strong"}
ERRORS = {
    "none": "no error added",
    "midline_1mm": "midline 1 mm off",
    "midline_2deg": "midline turned by 2° (yaw)",
    "outline_0.6mm": "brain outline uneven by 0.6 mm (standard deviation)",
}
GROUPS = {
    "scan": "contrast of the scan",
    "contrast": "contrast of the lesion",
    "contrast of 1 sd and above": "contrast of the lesion",
    "from the midline": "from the midline",
    "from the back": "from the back",
}
SHOWN_SIZES = ("3", "7", "13.5", "20")
SIDE = "side (mm)"


def sizes(evaluation: Mapping[str, Any], lesion_type: str) -> list[str]:
    """List the sizes of a lesion type, in order."""
    return [key for key in evaluation[lesion_type] if key not in (SIZE, "calibration")]


def by_size(evaluation: dict[str, Any], lesion_type: str, unit: str = SIDE) -> str:
    """Lay out the measures of one lesion type, a row for each size."""
    rows = evaluation[lesion_type]
    first = rows[sizes(evaluation, lesion_type)[0]]
    shown = [name for name in COLUMNS if name in first]
    cells = [
        [size, *(_cell(rows[size].get(name), name not in WITHOUT_INTERVAL) for name in shown)]
        for size in sizes(evaluation, lesion_type)
    ]
    return markdown_table([unit, *(MEASURES[name].head for name in shown)], cells)


def subgroups(evaluation: dict[str, Any]) -> str:
    """Lay out the sensitivity of each subgroup, the size at which half of it is detected, and the baseline."""
    rows = [
        [
            *(GROUPS[group], part),
            *(with_interval(row["physical"][size]["sensitivity"]) for size in SHOWN_SIZES),
            _size(row["physical"].get(SIZE, {}).get("0.5")),
            _cell(row["physical"]["13.5"].get("baseline_auc"), False),
        ]
        for group, parts in evaluation["subgroups"].items()
        for part, row in parts.items()
    ]
    header = ["subgroup", "", *(f"sensitivity, {size} mm" for size in SHOWN_SIZES)]
    return markdown_table([*header, "half detected from (mm)", "baseline: AUC, 13.5 mm"], rows)


def side_by_side(evaluations: dict[str, Any], rows: Mapping[str, str]) -> str:
    """Lay out the AUC of several evaluations, a row for each, with false-positive rate and baseline."""
    cells = [
        [
            title,
            *(with_interval(evaluations[key]["physical"][size]["auc"]) for size in SHOWN_SIZES),
            share(evaluations[key]["false_positive_rate"]["normal"]),
            _cell(evaluations[key]["physical"]["13.5"].get("baseline_auc"), False),
        ]
        for key, title in rows.items()
        if key in evaluations
    ]
    header = ["", *(f"AUC, {size} mm" for size in SHOWN_SIZES), "false-positive rate", "baseline: AUC, 13.5 mm"]
    return markdown_table(header, cells)


def share(estimate: list[float]) -> str:
    """Write a share with its interval: ``1 % (0–2)``."""
    value, low, high = (percent(part) for part in estimate)
    return f"{value} ({low.removesuffix(' %')}–{high.removesuffix(' %')})"


def _cell(estimate: list[float] | None, interval: bool) -> str:
    if estimate is None:
        return MISSING
    return with_interval(estimate) if interval else f"{estimate[0]:.2f}"


def _size(estimate: list[float | None] | None) -> str:
    return MISSING if estimate is None else with_interval(estimate, 1)
