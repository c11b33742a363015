"""Means and other measures with their 95 % intervals over subjects, ready for JSON."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from scripts.evaluation.roc import Resampled, interval, resampled, resampled_mean

Estimate = list[float | None]
"""A value, and the lower and upper bound of its 95 % interval over subjects; None where there is none."""

Values = Sequence[float | None]
"""A value for each row of a run; None where it has none."""


def mean(runs: Sequence[Values], subjects: Sequence[str]) -> Estimate | None:
    """Return the mean of values; the runs (seeds) are averaged.

    Args:
        runs: values (N,) of each run. A row without a value does not count.
        subjects: of the N rows. All rows of a subject are resampled together, so that its sessions are no independent
            samples.

    Returns:
        None if a run has no value.
    """
    return mean_of_each(runs, [subjects] * len(runs))


def mean_of_each(runs: Sequence[Values], subjects: Sequence[Sequence[str]]) -> Estimate | None:
    """Return the mean of values, see :func:`mean`; every run has rows of its own, of the same subjects.

    Args:
        runs: values of each run.
        subjects: of the rows of each run.
    """
    means = []
    for values, names in zip(runs, subjects, strict=True):
        index, count = numbered(names)
        array = np.array([np.nan if value is None else value for value in values], dtype=float)
        known = ~np.isnan(array)
        if not known.any():
            return None
        means.append(resampled_mean(array[known], index[known], count))
    return as_json(means)


def measure(runs: Sequence[Callable[[NDArray[np.int64]], float]], subjects: Sequence[str]) -> Estimate | None:
    """Return any measure; the runs (seeds) are averaged.

    Args:
        runs: of each run a function of the indices of rows, with repeats, that returns a number, or NaN.
        subjects: of the N rows.
    """
    index, _ = numbered(subjects)
    return as_json([resampled(function, index) for function in runs])


def numbered(subjects: Sequence[str]) -> tuple[NDArray[np.int64], int]:
    """Return the number of the subject of each row (N,), and how many subjects there are."""
    names, index = np.unique(list(subjects), return_inverse=True)
    return index, len(names)


def as_json(runs: Sequence[Resampled]) -> Estimate | None:
    """Return an estimate; None if there is no run, or no value."""
    if not runs:
        return None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # no resample has a value: the bounds are None
        values = interval(runs)
    return [round(value, 5) if np.isfinite(value) else None for value in values] if np.isfinite(values[0]) else None
