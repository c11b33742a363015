"""An evaluation as it is published: estimates by lesion type and size, under names that a page can give."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

MEASURES = (
    *("auc", "balanced_accuracy", "sensitivity", "laterality_accuracy", "laterality_accuracy_of_detected"),
    *("localisation_accuracy", "known_location_accuracy", "baseline_auc"),
)
"""Estimates that are published, each as [value, lower, upper] with a 95 % interval over subjects."""

SIZE = "size_at_sensitivity"
"""Name of the sizes at which a share of the lesions is detected."""


def compact(report: Mapping[str, Any], measures: Iterable[str] = MEASURES) -> dict[str, Any]:
    """Turn a report inside out, so that ``physical.7.auc`` names an estimate.

    Args:
        report: as :func:`scripts.evaluation.summary.by_size` returns.
        measures: those that are kept.

    Returns:
        ``subjects``, ``slices`` (without a lesion), ``threshold`` (of one run), ``false_positive_rate``, and for each
        lesion type its sizes, ``size_at_sensitivity`` and ``calibration``.
    """
    rows: list[dict[str, Any]] = report["rows"]
    out: dict[str, Any] = {
        "subjects": max(row["subjects"] for row in rows),
        "slices": report["normal_slices"],
        **({"threshold": report["thresholds"][0]} if len(report["thresholds"]) == 1 else {}),
        "false_positive_rate": report["false_positive_rate"],
    }
    for row in rows:
        sizes = out.setdefault(row["lesion_type"], {})
        sizes[f"{row['size']:g}"] = {name: row[name] for name in measures if row.get(name) is not None}
    for lesion_type, fit in report["psychometric"].items():
        if lesion_type != "zero":  # nothing is there to be detected
            out[lesion_type][SIZE] = fit["sizes"]
    for lesion_type, fit in report["calibration"].items():
        out[lesion_type]["calibration"] = {key: fit[key] for key in ("ece", "brier")}
    return out


def of_subjects(columns: dict[str, Any], subjects: Sequence[str]) -> dict[str, Any]:
    """Return the rows of an evaluation (``columns`` of its ``scores.json``) that belong to these subjects."""
    kept = [subject in subjects for subject in columns["subject"]]
    return {name: [value for value, keep in zip(values, kept, strict=True) if keep] for name, values in columns.items()}


def of_lesions(columns: dict[str, Any], lesion_type: str, sizes: Sequence[float]) -> dict[str, Any]:
    """Return the rows with lesions of one type and these sizes, and those without a lesion or with two equal ones."""
    kept = [
        name == "normal" or name.startswith("bilateral") or (name == lesion_type and size in sizes)
        for name, size in zip(columns["lesion_type"], columns["size"], strict=True)
    ]
    return {name: [value for value, keep in zip(values, kept, strict=True) if keep] for name, values in columns.items()}
