"""The figures of an evaluation as text: a table for the terminal, and tab-separated values."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

COLUMNS = (
    *("lesion_type", "size", "slices", "subjects", "auc", "balanced_accuracy", "sensitivity"),
    *(
        "laterality_accuracy",
        "laterality_accuracy_of_detected",
        "localisation_accuracy",
        "known_location_accuracy",
        "baseline_auc",
    ),
)
"""Of the tab-separated values, in order."""


def as_text(report: dict[str, Any]) -> str:
    """Lay the report out as a table for the terminal."""
    unit = report["scale"].replace("side_mm", "side mm").replace("area_mm2", "area mm²")
    lines = [
        f"{'lesion_type':<10}{unit:>9}{'AUC':>20}{'balanced_accuracy':>20}{'sens. at 5 % FP':>20}"
        f"{'right half':>12}{'of found':>10}{'peak in it':>12}{'baseline AUC':>14}"
    ]
    for row in report["rows"]:
        cells = "".join(f"{_cell(row[name]):>20}" for name in ("auc", "balanced_accuracy", "sensitivity"))
        places = "".join(
            f"{row[name][0]:>{width}.2f}" if row[name] else f"{'–':>{width}}"
            for name, width in (("laterality_accuracy_of_detected", 10), ("localisation_accuracy", 12))
        )
        plain = f"{row['baseline_auc'][0]:>14.2f}" if "baseline_auc" in row else ""
        lines.append(
            f"{row['lesion_type']:<10}{row['size']:>9g}{cells}{row['laterality_accuracy'][0]:>12.2f}{places}{plain}"
        )
    for name, share in report["false_positive_rate"].items():
        lines.append(f"false positives at the shipped threshold, {name} slices: {_cell(share)}")
    for name, fit in report["psychometric"].items():
        found = ", ".join(f"{float(level):.0%} from {as_size(size)}" for level, size in fit["sizes"].items())
        lines.append(f"{name} lesions are seen at 5 % false positives: {found} {unit}")
    for name, fit in report["calibration"].items():
        lines.append(f"{name} lesions: expected calibration error {fit['ece']:.3f}, Brier score {fit['brier']:.3f}")
    lines.append(f"In brackets: 95 % intervals, bootstrap over subjects. {report['note']}")
    return "\n".join(lines)


def as_size(size: Sequence[float | None]) -> str:
    """Write a size with its interval; what lies beyond the largest size tested is not known."""
    value, low, high = ("beyond" if part is None else f"{part:.1f}" for part in size)
    return low if low == "beyond" else f"{value} ({low}–{high})"


def as_tsv(report: dict[str, Any]) -> str:
    """Lay the rows out as tab-separated values; intervals as ``_low`` and ``_high`` columns."""
    flat = []
    for row in report["rows"]:
        line: dict[str, Any] = {}
        for name in (c for c in COLUMNS if c in row):
            if isinstance(row[name], list) or row[name] is None:
                interval = row[name] or ["n/a"] * 3
                line.update(zip((name, f"{name}_low", f"{name}_high"), interval, strict=True))
            else:
                line[name] = row[name]
        flat.append(line)
    lines = ["\t".join(flat[0])] if flat else []
    lines += ["\t".join(f"{v:.4g}" if isinstance(v, float) else str(v) for v in line.values()) for line in flat]
    return "\n".join(lines) + "\n"


def _cell(interval: Sequence[float]) -> str:
    value, low, high = interval
    return f"{value:.2f} ({low:.2f}–{high:.2f})"
