"""Age at scan: read from a table, and how much of a normal score it explains."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import numpy as np

COLUMNS = ("scan_age", "age")
"""Of the table, the first that is there counts; in any unit, the same for the controls and for the scans."""

EDGE = 1e-6
"""Probabilities are kept so far from 0 and 1 that their logits are finite."""


def read_ages(path: str | Path | None) -> dict[str, float]:
    """Read ages from a table (TSV) with the columns ``participant_id`` and ``scan_age`` or ``age``, as BIDS has it.

    Args:
        path: of the table; None has no ages.

    Returns:
        Age by subject, without ``sub-``; who has none there (``n/a``) is left out.

    Raises:
        FileNotFoundError: if there is no such table.
        ValueError: if it has not these columns, or an age is no number.
    """
    if not path:
        return {}
    if not Path(path).exists():
        raise FileNotFoundError(f"{path}: no such file. Expected a table (TSV) of ages; check 'ages'.")
    with Path(path).open(encoding="utf-8-sig", newline="") as file:
        table = csv.DictReader(file, delimiter="\t")
        found = table.fieldnames or []
        column = next((name for name in COLUMNS if name in found), None)
        if column is None or "participant_id" not in found:
            raise ValueError(
                f"{path}: expected tab-separated columns 'participant_id' and 'scan_age' or 'age', found {list(found)}."
            )
        rows = {row["participant_id"]: row[column] for row in table if row[column] not in (None, "", "n/a")}
    try:
        return {name.removeprefix("sub-"): float(age) for name, age in rows.items()}
    except ValueError as error:
        raise ValueError(f"{path}: expected numbers (or n/a) in the column '{column}': {error}.") from error


def age_of(ages: dict[str, float], subject: str) -> float | None:
    """Return the age of a subject, with or without ``sub-``; None if it is not known."""
    return ages.get(str(subject).removeprefix("sub-"))


def fit_age(scores: list[float], ages: list[float]) -> dict[str, Any]:
    """Fit a line to the logits of normal scores over age (least squares).

    Args:
        scores: of normal scans, probabilities.
        ages: of the same scans.

    Returns:
        JSON-safe: ``ages``, ``slope`` (logits per unit of age) with its ``slope_standard_error`` and ``p``, and
        ``intercept``.

    Raises:
        ValueError: if there are fewer than three scans, or all are of one age.
    """
    from scipy.stats import linregress

    if len(ages) < 3 or len(set(ages)) < 2:
        raise ValueError(
            f"{len(ages)} scans of {len(set(ages))} ages, expected 3 or more of 2 or more: leave 'ages' out."
        )
    line = linregress(ages, _logit(scores))
    numbers = {"slope": line.slope, "slope_standard_error": line.stderr, "p": line.pvalue, "intercept": line.intercept}
    return {"ages": ages, **{name: float(value) for name, value in numbers.items()}}


def at_age(scores: list[float], fit: dict[str, Any], age: float) -> list[float]:
    """Move normal scores along the fitted line to what they would be at an age.

    Args:
        scores: that the line was fitted to.
        fit: of :func:`fit_age`.
        age: of the scan that they are compared with.
    """
    moved = _logit(scores) + fit["slope"] * (age - np.asarray(fit["ages"], dtype=float))
    return [float(score) for score in 1 / (1 + np.exp(-moved))]


def _logit(scores: list[float]) -> np.ndarray:
    chance = np.clip(np.asarray(scores, dtype=float), EDGE, 1 - EDGE)
    return np.log(chance / (1 - chance))
