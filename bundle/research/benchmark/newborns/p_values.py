"""Whether the p values of normal scans are what they say: each by a reference that has not seen its subject."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from scripts.results.p_value import combined, of_score, of_volumes

from .by_size import Rows

SHARES = (0.01, 0.05, 0.1, 0.2)
"""Nominal shares of normal scans with a smaller p value."""

FEWEST = 5
"""Normal scans of a reference: with fewer, a p value says nothing."""


def cross_fitted(rows: Rows) -> list[list[float | None]]:
    """Return the p value of each scan and run, by a reference of the other subjects.

    None if these have fewer than :data:`FEWEST` scans.
    """
    subjects = np.array([row["subject"] for row in rows])
    scores, indices = (
        np.array([[run["scan"][key] for run in row["runs"]] for row in rows]) for key in ("score", "asymmetry_index")
    )  # (scans, runs)
    p: list[list[float | None]] = []
    for number, subject in enumerate(subjects):
        others = subjects != subject
        count = len(set(subjects[others]))
        if others.sum() < FEWEST:
            p.append([None] * scores.shape[1])
            continue
        p.append(
            [
                combined(
                    of_score(scores[number, k], scores[others, k], count),
                    of_volumes(indices[number, k], indices[others, k], count),
                )[0].value
                for k in range(scores.shape[1])
            ]
        )
    return p


def calibration(p_values: Sequence[Sequence[float | None]]) -> dict[str, Any] | None:
    """Compare p values of normal scans with an even distribution.

    Args:
        p_values: of each scan and run.

    Returns:
        JSON-safe: ``scans``; ``observed``: nominal share, observed share, and the 95 % interval of a binomial count of
        so many scans; ``distance``: of Kolmogorov and Smirnov. The runs are averaged. None if a p value is not known.
    """
    from scipy import stats

    if not p_values or any(p is None for scan in p_values for p in scan):
        return None
    values = np.array(p_values, dtype=float)  # (scans, runs)
    count = len(values)
    intervals = [stats.binom(count, share).interval(0.95) for share in SHARES]
    return {
        "scans": count,
        "observed": [
            [share, float((values < share).mean()), float(low) / count, float(high) / count]
            for share, (low, high) in zip(SHARES, intervals, strict=True)
        ],
        "distance": float(np.mean([stats.kstest(run, "uniform").statistic for run in values.T])),
    }
