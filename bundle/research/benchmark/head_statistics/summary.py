"""Statistics over subjects: mean, standard deviation, and the 95 % interval of the mean."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy.stats import t


def summary(rows: Sequence[dict[str, float]]) -> dict[str, Any]:
    """Summarise heads.

    Args:
        rows: statistics of each head.

    Returns:
        ``heads``, and ``statistics``: name to [mean, standard deviation, lower, upper end of the mean's 95 % interval
        by Student's t]; an end is None for a single head.
    """
    names = list(dict.fromkeys(name for row in rows for name in row))
    return {"heads": len(rows), "statistics": {name: _row([row.get(name, np.nan) for row in rows]) for name in names}}


def _row(values: Sequence[float]) -> list[float | None]:
    known = np.array([value for value in values if np.isfinite(value)])
    if len(known) < 2:
        return [float(known[0]) if len(known) else None, None, None, None]
    mean, deviation = float(known.mean()), float(known.std(ddof=1))
    half = float(t.ppf(0.975, len(known) - 1)) * deviation / len(known) ** 0.5
    return [mean, deviation, mean - half, mean + half]
