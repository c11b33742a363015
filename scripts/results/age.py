"""Age at scan: read from a table, and its effect on the scores of normal scans."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import TypedDict

import numpy as np

COLUMNS = ("scan_age", "age")
"""Columns of the table with the age; the first that exists is used. The unit is free, but must be the same for the
normal scans and for the scans to compare."""

EDGE = 1e-6
"""Probabilities are kept this far from 0 and 1, so that their logits are finite."""


class AgeFit(TypedDict):
    """A line fitted to the logits of normal scores over age.

    Attributes:
        ages: of the normal scans, in the order of their scores.
        slope: logits per unit of age.
        slope_standard_error: of the slope.
        p: p value of the slope against 0.
        intercept: logit at age 0.
    """

    ages: list[float]
    slope: float
    slope_standard_error: float
    p: float
    intercept: float


def read_ages(path: str | Path | None) -> dict[str, float]:
    """Read ages from a BIDS table (TSV) with the columns ``participant_id`` and ``scan_age`` or ``age``.

    Args:
        path: of the table; None: no ages.

    Returns:
        Age by subject, without ``sub-``. Subjects without an age (``n/a``) are omitted.

    Raises:
        FileNotFoundError: if there is no such table.
        ValueError: if it lacks these columns, or an age is no number.
    """
    if not path:
        return {}
    if not Path(path).exists():
        raise FileNotFoundError(f"{path}: no such file. Expected a table (TSV) of ages; check 'ages'.")
    with Path(path).open(encoding="utf-8-sig", newline="") as file:
        table = csv.DictReader(file, delimiter="\t")
        columns = table.fieldnames or []
        column = next((name for name in COLUMNS if name in columns), None)
        if column is None or "participant_id" not in columns:
            raise ValueError(
                f"{path}: expected tab-separated columns 'participant_id' and 'scan_age' or 'age', found "
                f"{list(columns)}. Rename the columns."
            )
        rows = {row["participant_id"]: row[column] for row in table if row[column] not in (None, "", "n/a")}
    try:
        return {name.removeprefix("sub-"): float(age) for name, age in rows.items()}
    except ValueError as error:
        raise ValueError(f"{path}: expected numbers (or n/a) in the column {column!r}: {error}.") from error


def age_of(ages: dict[str, float], subject: str) -> float | None:
    """Return the age of a subject, with or without ``sub-``; None if it is unknown."""
    return ages.get(str(subject).removeprefix("sub-"))


def fit_age(scores: list[float], ages: list[float]) -> AgeFit:
    """Fit a line to the logits of normal scores over age (least squares).

    Args:
        scores: of normal scans, probabilities.
        ages: of the same scans.

    Raises:
        ValueError: if there are fewer than three scans, or all have the same age.
    """
    from scipy.stats import linregress

    if len(ages) < 3 or len(set(ages)) < 2:
        raise ValueError(
            f"{len(ages)} scans of {len(set(ages))} ages, expected 3 or more of 2 or more: leave 'ages' out."
        )
    line = linregress(ages, logit(scores))
    return {
        "ages": ages,
        "slope": float(line.slope),
        "slope_standard_error": float(line.stderr),
        "p": float(line.pvalue),
        "intercept": float(line.intercept),
    }


def at_age(scores: list[float], fit: AgeFit, age: float) -> list[float]:
    """Shift normal scores along the fitted line to what they would be at one age.

    Args:
        scores: the scores that the line was fitted to.
        fit: see :func:`fit_age`.
        age: of the scan that is compared with them.
    """
    shifted = logit(scores) + fit["slope"] * (age - np.asarray(fit["ages"], dtype=float))
    return [float(score) for score in 1 / (1 + np.exp(-shifted))]


def logit(scores: list[float]) -> np.ndarray:
    """Return the logits of probabilities, kept finite."""
    probability = np.clip(np.asarray(scores, dtype=float), EDGE, 1 - EDGE)
    return np.log(probability / (1 - probability))
