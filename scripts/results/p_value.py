"""The chance that a normal scan is as asymmetric as this one, or more."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

TAIL_SCANS, TAIL_SHARE = 12, 0.1
"""The tail of a reference is its highest scans: so many, or this share of a large one; at most its upper half."""

SCORE_SHARE = 0.8
"""Share of the false alarms that the score may cause; the volumes may cause the rest, since few diseases change them
more than they change the map."""

LEVEL = 0.95
"""Of the intervals."""


class PValue(NamedTuple):
    """A p value and its 95 % interval, which says how well so few normal scans can know it."""

    value: float
    low: float
    high: float


def of_score(score: float, normal: Sequence[float], subjects: int | None = None) -> PValue:
    """Return the chance that the next normal scan has this score or a higher one.

    Below the tail of the reference, it is the expected share of normal scans above a rank, between ranks by a line. In
    the tail, the excess over its lowest scan is taken as exponential, as that over a high quantile of most
    distributions is about. The unknown mean of the excess is integrated out (prior 1 / mean), so that few scans give
    cautious p values: the excess then has a Lomax distribution (Aitchison & Dunsmore 1975, Statistical Prediction
    Analysis).

    Args:
        score: a logit; any number that grows with asymmetry.
        normal: the same of normal scans, two or more.
        subjects: that the normal scans are of. Scans of one infant resemble each other; the tail counts as so many
            fewer scans.

    Raises:
        ValueError: for fewer than two normal scans.
    """
    from scipy import stats

    if len(normal) < 2:
        raise ValueError(f"{len(normal)} normal scans, expected 2 or more. Give more scans.")
    highest = np.sort(np.asarray(normal, dtype=float))[::-1]
    count = len(highest)
    tail = min(count // 2, max(TAIL_SCANS, round(TAIL_SHARE * count)))
    share = (subjects or count) / count  # of independent scans
    start = highest[tail]
    if score <= start:
        ranks = np.arange(1, count + 1)
        above = float(np.interp(-score, -highest, ranks, right=count + 0.5))
        of_rank = stats.beta(above * share, (count + 1 - above) * share)
        return PValue(above / (count + 1), *map(float, of_rank.interval(LEVEL)))
    mean = max(float((highest[:tail] - start).mean()), 1e-9)
    at_start, independent, excess = (tail + 1) / (count + 1), tail * share, (score - start) / mean
    value = at_start * (1 + excess / independent) ** -independent
    means = stats.invgamma(independent, scale=independent).interval(LEVEL)  # in units of the observed mean
    return PValue(float(value), *(float(at_start * np.exp(-excess / one)) for one in means))


def of_volumes(index: float, normal: Sequence[float], subjects: int | None = None) -> PValue:
    """Return the chance that a normal scan has hemispheres whose volumes differ as much or more, to either side.

    Student's t with a mean of 0, so that a mirrored scan has the same p value: the normal difference between left and
    right is small against that between infants.

    Args:
        index: asymmetry index of the volumes, (L - R) / (L + R).
        normal: the same of normal scans.
        subjects: that the normal scans are of.
    """
    from scipy import stats

    values, independent = np.asarray(normal, dtype=float), subjects or len(normal)
    spread = max(float(np.sqrt((values**2).mean())), 1e-6)
    spreads = spread * np.sqrt(independent / stats.chi2(independent).isf([(1 + LEVEL) / 2, (1 - LEVEL) / 2]))
    low, high = sorted(2 * stats.norm.sf(abs(index) / spreads))
    return PValue(float(2 * stats.t.sf(abs(index) / spread, independent)), float(low), float(high))


def combined(score: PValue, volumes: PValue) -> tuple[PValue, bool]:
    """Return the chance that a normal scan is as unusual by its score or by its volumes.

    Two questions give two chances of a false alarm. The smaller p value is weighed by its share of them
    (:data:`SCORE_SHARE`), and the result is the chance that either is as small (Tippett's method, weighted).

    Returns:
        The p value, and whether the volumes decided it.
    """
    by_volumes = volumes.value / (1 - SCORE_SHARE) < score.value / SCORE_SHARE
    decides, share = (volumes, 1 - SCORE_SHARE) if by_volumes else (score, SCORE_SHARE)
    low, value, high = (_either(p / share) for p in (decides.low, decides.value, decides.high))
    return PValue(value, low, high), by_volumes


def _either(p: float) -> float:
    """Return the chance that one of two independent p values is below its share of ``p``."""
    return 1 - (1 - min(SCORE_SHARE * p, 1)) * (1 - min((1 - SCORE_SHARE) * p, 1))
