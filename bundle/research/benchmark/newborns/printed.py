"""The result as a short table for the console."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from scripts.disclaimer import RESEARCH_ONLY
from scripts.evaluation.tables import MISSING

SHOWN_SIZES = (5, 7, 9, 13.5, 20)
"""Sizes of the physical lesions in the short table, mm."""


def as_text(report: Mapping[str, Any]) -> str:
    """Return the main numbers of every part, with 95 % intervals over subjects, and what failed."""
    lines: list[str] = []
    for name, part in report["parts"].items():
        lines += ["", name, *(f"  {line}" for line in (LAYOUTS[name](part) if part else ["nothing measured"]))]
    lines += [f"{one['part']}, {one['case']}: failed: {one['error']}" for one in report["failed"]]
    lines += ["", f"In brackets: 95 % intervals over {report['subjects']} subjects. {RESEARCH_ONLY}"]
    return "\n".join(lines[1:])


def _by_size(groups: Mapping[str, Any]) -> list[str]:
    lines = []
    for group, report in groups.items():
        rows = [row for row in report["rows"] if row["lesion_type"] == "physical" and row["size"] in SHOWN_SIZES]
        aucs = ", ".join(f"{row['size']:g} mm {row['auc'][0]:.2f}" for row in rows)
        normal = _share(report["false_positive_rate"]["normal"])
        lines.append(f"{group}: AUC {aucs}; false positives {normal}")
    return lines


def _as_they_are(part: Mapping[str, Any]) -> list[str]:
    lines = _by_size(part["by_size"])
    for group, alarms in part["false_alarms"].items():
        scan, crossed = (_share(alarms[key]) for key in ("by_scan", "by_scan_cross_fitted"))
        lines.append(
            f"{group}: false alarms by slice {_share(alarms['by_slice'])} (nominal {100 * alarms['nominal']:g} %), "
            f"by scan {scan}, cross-fitted {crossed}"
        )
    errors = part["by_size"]["all"]["ece"]
    return [*lines, "calibration error: " + ", ".join(f"{kind} {_number(value)}" for kind, value in errors.items())]


def _contrasts(part: Mapping[str, Any]) -> list[str]:
    return [
        f"same side {_share(part['same_side'])}, if both are above the threshold {_share(part['same_side_if_above'])}",
        f"correlation of scores {_number(part['score_correlation'])}, of maps {_number(part['map_correlation'])}",
        f"the head turned by {_number(part['moved_degrees'])} degrees and moved by {_number(part['moved_mm'])} mm",
        f"planes differ by {_number(part['plane_degrees'])} degrees, {_number(part['plane_mm'])} mm; without the "
        f"movement by {_number(part['plane_degrees_in_head'])} degrees, {_number(part['plane_mm_in_head'])} mm",
        f"same plane {_share(part['same_plane'])}; Dice of the masks {_number(part['dice'])}",
    ]


def _same_lesion(part: Mapping[str, Any]) -> list[str]:
    return [
        f"{size} mm: same side {_share(row['same_side'])}, peaks within 5 mm {_share(row['peaks_near'])}"
        for size, row in part.items()
    ]


def _repeatability(part: Mapping[str, Any]) -> list[str]:
    return [
        f"{group}, {resampling}: sd of the score {_number(row['sd'])}, side flips {_share(row['side_flips'])}, "
        f"mirror difference {_number(row['mirror_difference'])}, at most {row['mirror_difference_worst']:.3f}"
        for group, resamplings in part.items()
        for resampling, row in resamplings.items()
    ]


def _strip(part: Mapping[str, Any]) -> list[str]:
    return [
        f"{group}: Dice {_number(row['dice'])}, worst {row['dice_worst']:.3f}; beyond 3 mm {_share(row['beyond'])}, "
        f"missed {_share(row['missed'])}"
        for group, row in part.items()
    ]


def _versions(part: Mapping[str, Any]) -> list[str]:
    return [f"{version}, {line}" for version, groups in part.items() if groups for line in _by_size(groups)]


LAYOUTS = {
    "as_they_are": _as_they_are,
    "contrasts": _contrasts,
    "same_lesion": _same_lesion,
    "repeatability": _repeatability,
    "strip": _strip,
    "thick": _versions,
    "bias_field": _versions,
}
"""Part -> its lines."""


def _share(estimate: Sequence[float | None] | None) -> str:
    return _text(estimate, lambda value: f"{100 * value:.1f}", " %")


def _number(estimate: Sequence[float | None] | None) -> str:
    return _text(estimate, lambda value: f"{value:.3f}")


def _text(estimate: Sequence[float | None] | None, form: Any, unit: str = "") -> str:
    if not estimate:
        return MISSING
    value, low, high = (MISSING if part is None else form(part) for part in estimate)
    return f"{value}{unit} ({low} to {high})"
