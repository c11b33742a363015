"""From the scores of an evaluation to its figures: for every kind and size of asymmetry, how well it is seen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .calibration import calibration
from .notice import RESEARCH_ONLY, SIMULATED
from .performance import Interval, Resampled, best_threshold, interval, performance, share_above
from .psychometric import psychometric

FEWEST_SIZES = 3
"""Of a kind, for a curve over the sizes."""

NUMBERS = ("score", "baseline", "right_half", "peak", "told", "told_normal")
"""The columns that are computed with."""

Flags = NDArray[np.bool_]


def by_size(tables: Sequence[dict[str, Any]], thresholds: Sequence[float]) -> dict[str, Any]:
    """Summarise the scores of one or more runs (seeds) on the same slices.

    Args:
        tables: columns of each run, see :class:`scripts.collect.CollectScores`.
        thresholds: of each run's network.

    Returns:
        JSON-safe: ``rows`` (one for each kind and size; estimates as [value, lower, upper], 95 % intervals over
        subjects of the mean over runs), ``false_positives`` on normal and bilateral slices at the threshold, the
        thresholds. A row's ``right_half`` is the share of all its lesions, ``right_half_of_found`` that of those above
        the threshold, ``peak_of_found`` of how many of those the evidence peaks in the lesion; None where a run found
        none. ``told_accuracy`` is that of an observer told where to look (``scripts.told``), at the best threshold
        of each size. For each kind, ``psychometric`` says which size is seen (``scripts.psychometric``), and
        ``calibration`` how far the scores are probabilities (``scripts.calibration``).

    Raises:
        ValueError: if there is no normal slice to compare with.
    """
    first = tables[0]
    kind, size = np.array(first["kind"]), np.asarray(first["size"], dtype=float)
    names, subject = np.unique(first["subject"], return_inverse=True)
    normal, symmetric = kind == "normal", np.char.startswith(kind, "bilateral")
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

    def told(here: Flags) -> list[Resampled]:
        pairs = [(run["told"][here], run["told_normal"][here]) for run, _ in runs]
        of = subject[here]
        return [performance(yes, of, no, of, best_threshold(yes, no))["accuracy"] for yes, no in pairs]

    def share(here: Flags, name: str, only_found: bool) -> Interval | None:
        each = []
        for run, threshold in runs:
            part = here & (run["score"] > threshold) if only_found else here
            if not part.any():
                return None
            each.append(share_above(run[name][part], subject[part], 0.5, len(names)))
        return interval(each)

    rows, curves, reliability = [], {}, {}
    for name in dict.fromkeys(kind[~normal & ~symmetric].tolist()):
        sizes = list(dict.fromkeys(size[kind == name].tolist()))
        seen, counts = [], []
        for s in sizes:
            here = (kind == name) & (size == s)
            row: dict[str, Any] = {"kind": name, "size": s, "slices": int(here.sum())}
            row["subjects"] = len(set(subject[here].tolist()))
            figures = compare(here, "score")
            seen.append(figures["sensitivity"])
            counts.append(row["slices"])
            row.update({figure: interval([values]) for figure, values in figures.items()})
            row["right_half"] = share(here, "right_half", only_found=False)
            row["right_half_of_found"] = share(here, "right_half", only_found=True)
            row["peak_of_found"] = share(here, "peak", only_found=True)
            if "told" in runs[0][0] and not np.isnan(runs[0][0]["told"][here]).any():
                row["told_accuracy"] = interval(told(here))
            if "baseline" in runs[0][0]:
                row["baseline_auc"] = interval([compare(here, "baseline")["auc"]])
            rows.append({key: list(value) if isinstance(value, tuple) else value for key, value in row.items()})
        if len(sizes) >= FEWEST_SIZES:
            curves[name] = psychometric(np.array(sizes), np.stack(seen), np.array(counts))
        scores = [np.concatenate([run["score"][of] for run, _ in runs]) for of in (kind == name, normal)]
        reliability[name] = calibration(*scores)
    alarms = {}
    for name in dict.fromkeys(kind[normal | symmetric].tolist()):
        here = kind == name
        above = [share_above(run["score"][here], subject[here], threshold, len(names)) for run, threshold in runs]
        alarms[name] = list(interval(above))
    return {
        "note": f"{SIMULATED} {RESEARCH_ONLY}",
        "runs": len(runs),
        "thresholds": list(thresholds),
        "normal_slices": int(normal.sum()),
        "false_positives": alarms,
        "rows": rows,
        "psychometric": curves,
        "calibration": reliability,
    }
