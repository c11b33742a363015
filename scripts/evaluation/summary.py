"""From the scores of an evaluation to its report: how well each lesion type and size is detected."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypedDict

import numpy as np

from ..disclaimer import RESEARCH_ONLY, SIMULATED
from .calibration import Calibration, calibration
from .psychometric import Psychometric, psychometric
from .roc import Interval, Resampled, interval
from .run import Rows, Run

MIN_SIZES = 3
"""A psychometric curve needs so many sizes of a lesion type."""

Estimate = list[float]
"""A value, and the lower and upper bound of its 95 % confidence interval over subjects."""


class MeasuredRow(TypedDict):
    """One lesion type and size. The measures are explained in :data:`scripts.evaluation.measures.MEASURES`.

    Attributes:
        lesion_type: a key of :data:`scripts.simulation.lesion_types.LESION_TYPES`.
        size: in mm or mm², by the scale of the report.
        slices: number of slices with such a lesion.
        subjects: number of their subjects.
        auc: area under the ROC curve.
        balanced_accuracy: at the network's own threshold.
        sensitivity: at 5 % false-positive rate.
        laterality_accuracy: of all lesions; None if there is none.
        laterality_accuracy_of_detected: of the lesions above the threshold; None if a run detected none.
        localisation_accuracy: of the lesions above the threshold; None if a run detected none.
    """

    lesion_type: str
    size: float
    slices: int
    subjects: int
    auc: Estimate
    balanced_accuracy: Estimate
    sensitivity: Estimate
    laterality_accuracy: Estimate | None
    laterality_accuracy_of_detected: Estimate | None
    localisation_accuracy: Estimate | None


class Row(MeasuredRow, total=False):
    """A row with the measures that not every evaluation has.

    Attributes:
        known_location_accuracy: balanced accuracy at a known location.
        baseline_auc: area under the ROC curve of the baseline without learning.
    """

    known_location_accuracy: Estimate
    baseline_auc: Estimate


class EvaluationReport(TypedDict):
    """The content of ``by_size.json``.

    ``scripts.evaluation.report.ReportBySize`` adds ``scale``, the unit of the sizes: ``side_mm`` or ``area_mm2``.

    Attributes:
        note: disclaimer.
        runs: number of runs (seeds) that are averaged.
        thresholds: the threshold of each run's network, a slice score (logit).
        normal_slices: number of normal slices.
        false_positive_rate: at the network's own threshold, for normal and each type of bilateral slices.
        rows: one for each lesion type and size.
        psychometric: for each lesion type with enough sizes, which sizes are detected.
        calibration: for each lesion type, how well the scores predict the probability of a lesion.
    """

    note: str
    runs: int
    thresholds: list[float]
    normal_slices: int
    false_positive_rate: dict[str, Estimate]
    rows: list[Row]
    psychometric: dict[str, Psychometric]
    calibration: dict[str, Calibration]


def by_size(tables: Sequence[Mapping[str, Any]], thresholds: Sequence[float]) -> EvaluationReport:
    """Summarise the scores of one or more runs (seeds) on the same slices.

    Args:
        tables: columns of each run, see :class:`scripts.evaluation.collect.Columns`.
        thresholds: of each run's network.

    Returns:
        The report, plain numbers for JSON. Each estimate is the mean over the runs.

    Raises:
        ValueError: if there is no normal slice to compare with.
    """
    first = tables[0]
    lesion_type, size = np.array(first["lesion_type"]), np.asarray(first["size"], dtype=float)
    subject = np.unique(first["subject"], return_inverse=True)[1]
    normal, symmetric = lesion_type == "normal", np.char.startswith(lesion_type, "bilateral")
    if not normal.any():
        raise ValueError(
            "The evaluation has no condition of lesion type 'normal' to compare with. Add one to 'conditions'."
        )
    runs = [Run(table, threshold, subject, normal) for table, threshold in zip(tables, thresholds, strict=True)]
    rows: list[Row] = []
    curves: dict[str, Psychometric] = {}
    reliability: dict[str, Calibration] = {}
    for name in dict.fromkeys(lesion_type[~normal & ~symmetric].tolist()):
        sizes = list(dict.fromkeys(size[lesion_type == name].tolist()))
        sensitivities, counts = [], []
        for value in sizes:
            chosen = (lesion_type == name) & (size == value)
            row, sensitivity = _row(runs, chosen, name, value)
            rows.append(row)
            sensitivities.append(sensitivity)
            counts.append(row["slices"])
        if len(sizes) >= MIN_SIZES:
            curves[name] = psychometric(np.array(sizes), np.stack(sensitivities), np.array(counts))
        scores = [np.concatenate([run.columns["score"][of] for run in runs]) for of in (lesion_type == name, normal)]
        reliability[name] = calibration(*scores)
    rates = {}
    for name in dict.fromkeys(lesion_type[normal | symmetric].tolist()):
        rates[name] = list(_interval([run.share(lesion_type == name, "score", run.threshold) for run in runs]) or ())
    return {
        "note": f"{SIMULATED} {RESEARCH_ONLY}",
        "runs": len(runs),
        "thresholds": list(thresholds),
        "normal_slices": int(normal.sum()),
        "false_positive_rate": rates,
        "rows": rows,
        "psychometric": curves,
        "calibration": reliability,
    }


def _row(runs: Sequence[Run], chosen: Rows, lesion_type: str, size: float) -> tuple[Row, Resampled]:
    """Return the row of a lesion type and size, and its resampled sensitivity."""
    each = [run.performance(chosen) for run in runs]
    measures = {name: np.mean([measured[name] for measured in each], axis=0) for name in each[0]}
    side, side_detected, peak_detected = (
        _interval([run.share(chosen, column, 0.5, only_detected) for run in runs])
        for column, only_detected in (("side_correct", False), ("side_correct", True), ("peak_in_lesion", True))
    )
    row: Any = {
        "lesion_type": lesion_type,
        "size": size,
        "slices": int(chosen.sum()),
        "subjects": len(set(runs[0].subject[chosen].tolist())),
        **{name: interval([values]) for name, values in measures.items()},
        "laterality_accuracy": side,
        "laterality_accuracy_of_detected": side_detected,
        "localisation_accuracy": peak_detected,
    }
    columns = runs[0].columns
    if "known_location" in columns and not np.isnan(columns["known_location"][chosen]).any():
        row["known_location_accuracy"] = interval([run.at_known_location(chosen) for run in runs])
    if "baseline" in columns:
        baseline = [run.performance(chosen, "baseline")["auc"] for run in runs]
        row["baseline_auc"] = interval([np.mean(baseline, axis=0)])
    return {key: list(v) if isinstance(v, tuple) else v for key, v in row.items()}, measures["sensitivity"]  # type: ignore


def _interval(runs: Sequence[Resampled | None]) -> Interval | None:
    known = [values for values in runs if values is not None]
    return interval(known) if len(known) == len(runs) else None
