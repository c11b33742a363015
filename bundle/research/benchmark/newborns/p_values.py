"""Whether the p values of normal scans are what they say: each by a reference that has not seen its subject."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from scripts.results.p_value import PValue, combined, of_score, of_volumes

from .by_size import Rows

SHARES = (0.01, 0.05, 0.1, 0.2)
"""Nominal shares of normal scans with a smaller p value."""

FEWEST = 5
"""Normal scans of a reference: with fewer, a p value says nothing."""


class Scan(NamedTuple):
    """A scan as it is compared.

    Attributes:
        subject: label.
        score: a logit.
        asymmetry_index: of the hemispheres' volumes.
    """

    subject: str
    score: float
    asymmetry_index: float


def answer(scan: Scan, normal: Sequence[Scan]) -> tuple[PValue, bool] | None:
    """Compare a scan with the normal scans of other subjects, as ``predict`` does with its reference.

    Returns:
        The p value, and whether the volumes decided it; None if there are fewer than :data:`FEWEST` such scans.
    """
    others = [one for one in normal if one.subject != scan.subject]
    if len(others) < FEWEST:
        return None
    subjects = len({one.subject for one in others})
    by_score = of_score(scan.score, [one.score for one in others], subjects)
    by_volumes = of_volumes(scan.asymmetry_index, [one.asymmetry_index for one in others], subjects)
    return combined(by_score, by_volumes)


def cross_fitted(rows: Rows) -> list[list[float | None]]:
    """Return the p value of each normal scan and run, see :func:`answer`."""
    runs = [
        [Scan(row["subject"], *(row["runs"][k]["scan"][key] for key in Scan._fields[1:])) for row in rows]
        for k in range(len(rows[0]["runs"]))
    ]
    answers = [[answer(scan, normal) for scan in normal] for normal in runs]
    return [[found and found[0].value for found in scan] for scan in zip(*answers, strict=True)]


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
