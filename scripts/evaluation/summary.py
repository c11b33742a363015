"""From the scores of an evaluation to its figures: for every kind and size of asymmetry, how well it is seen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..disclaimer import RESEARCH_ONLY, SIMULATED
from .calibration import calibration
from .psychometric import psychometric
from .roc import Interval, Resampled, best_threshold, interval, performance, share_above

FEWEST_SIZES = 3
"""Of a kind, for a curve over the sizes."""

NUMBERS = ("score", "baseline", "side_correct", "peak_in_lesion", "known_location", "known_location_normal")
"""The columns that are computed with."""

Flags = NDArray[np.bool_]


def by_size(tables: Sequence[dict[str, Any]], thresholds: Sequence[float]) -> dict[str, Any]:
    """Summarise the scores of one or more runs (seeds) on the same slices.

    Args:
        tables: columns of each run, see :class:`scripts.evaluation.collect.CollectScores`.
        thresholds: of each run's network.

    Returns:
        JSON-safe: ``rows`` (one for each kind and size; estimates as [value, lower, upper], 95 % intervals over
        subjects of the mean over runs), ``false_positive_rate`` on normal and bilateral slices at the threshold, the
        thresholds. A row's ``laterality_accuracy`` is the share of all its lesions,
        ``laterality_accuracy_of_detected`` that of those above the threshold, ``localisation_accuracy`` of how many of
        those the evidence peaks in the lesion; None where a run found none. ``known_location_accuracy`` is that of an
        observer known_location where to look (``scripts.evaluation.known_location``), at the best threshold of each
        size. For each kind, ``psychometric`` says which size is seen (``scripts.evaluation.psychometric``), and
        ``calibration`` how far the scores are probabilities (``scripts.evaluation.calibration``).

    Raises:
        ValueError: if there is no normal slice to compare with.
    """
    first = tables[0]
    lesion_type, size = np.array(first["lesion_type"]), np.asarray(first["size"], dtype=float)
    names, subject = np.unique(first["subject"], return_inverse=True)
    normal, symmetric = lesion_type == "normal", np.char.startswith(lesion_type, "bilateral")
    if not normal.any():
        raise ValueError("The evaluation has no condition of kind 'normal' to compare with; add one to 'conditions'.")
    runs = [
        ({k: np.asarray(table[k], dtype=float) for k in NUMBERS if k in table}, threshold)
        for table, threshold in zip(tables, thresholds, strict=True)
    ]

    def compare(here: Flags, name: str) -> dict[str, Resampled]:
        each = [
            performance(run[name][here], subject[here], run[name][normal], subject[normal], threshold)
            for run, threshold in runs
        ]
        return {figure: np.mean([one[figure] for one in each], axis=0) for figure in each[0]}

    def known_location(here: Flags) -> list[Resampled]:
        pairs = [(run["known_location"][here], run["known_location_normal"][here]) for run, _ in runs]
        of = subject[here]
        return [performance(yes, of, no, of, best_threshold(yes, no))["balanced_accuracy"] for yes, no in pairs]

    def share(here: Flags, name: str, only_detected: bool) -> Interval | None:
        each = []
        for run, threshold in runs:
            part = here & (run["score"] > threshold) if only_detected else here
            if not part.any():
                return None
            each.append(share_above(run[name][part], subject[part], 0.5, len(names)))
        return interval(each)

    rows, curves, reliability = [], {}, {}
    for name in dict.fromkeys(lesion_type[~normal & ~symmetric].tolist()):
        sizes = list(dict.fromkeys(size[lesion_type == name].tolist()))
        seen, counts = [], []
        for s in sizes:
            here = (lesion_type == name) & (size == s)
            row: dict[str, Any] = {"lesion_type": name, "size": s, "slices": int(here.sum())}
            row["subjects"] = len(set(subject[here].tolist()))
            figures = compare(here, "score")
            seen.append(figures["sensitivity"])
            counts.append(row["slices"])
            row.update({figure: interval([values]) for figure, values in figures.items()})
            row["laterality_accuracy"] = share(here, "side_correct", only_detected=False)
            row["laterality_accuracy_of_detected"] = share(here, "side_correct", only_detected=True)
            row["localisation_accuracy"] = share(here, "peak_in_lesion", only_detected=True)
            if "known_location" in runs[0][0] and not np.isnan(runs[0][0]["known_location"][here]).any():
                row["known_location_accuracy"] = interval(known_location(here))
            if "baseline" in runs[0][0]:
                row["baseline_auc"] = interval([compare(here, "baseline")["auc"]])
            rows.append({key: list(value) if isinstance(value, tuple) else value for key, value in row.items()})
        if len(sizes) >= FEWEST_SIZES:
            curves[name] = psychometric(np.array(sizes), np.stack(seen), np.array(counts))
        scores = [np.concatenate([run["score"][of] for run, _ in runs]) for of in (lesion_type == name, normal)]
        reliability[name] = calibration(*scores)
    alarms = {}
    for name in dict.fromkeys(lesion_type[normal | symmetric].tolist()):
        here = lesion_type == name
        above = [share_above(run["score"][here], subject[here], threshold, len(names)) for run, threshold in runs]
        alarms[name] = list(interval(above))
    return {
        "note": f"{SIMULATED} {RESEARCH_ONLY}",
        "runs": len(runs),
        "thresholds": list(thresholds),
        "normal_slices": int(normal.sum()),
        "false_positive_rate": alarms,
        "rows": rows,
        "psychometric": curves,
        "calibration": reliability,
    }
