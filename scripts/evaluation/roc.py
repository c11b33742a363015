"""How well scores separate asymmetric from normal slices, with intervals over subjects, which slices share."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from .measures import STATED_FPR

RESAMPLES = 1000
"""Resamples of the subjects for the 95 % confidence intervals."""

Interval = tuple[float, float, float]
"""An estimate, and the lower and upper bound of its 95 % confidence interval."""

Resampled = NDArray[np.float64]
"""A measure and its resamples over the subjects, (1 + RESAMPLES,): the estimate comes first."""


def performance(
    positive: NDArray[np.float64],
    positive_subject: NDArray[np.int64],
    negative: NDArray[np.float64],
    negative_subject: NDArray[np.int64],
    threshold: float,
    seed: int = 0,
) -> dict[str, Resampled]:
    """Compare scores of asymmetric slices with those of normal ones.

    Args:
        positive: scores (P,) of asymmetric slices.
        positive_subject: number of the subject of each of them, (P,) from 0 on.
        negative: scores (M,) of normal slices.
        negative_subject: number of the subject of each of them, (M,).
        threshold: the decision threshold for the balanced accuracy.
        seed: of the bootstrap.

    Returns:
        ``auc``, the area under the ROC curve; ``balanced_accuracy``, the mean of sensitivity and specificity at the
        threshold; ``sensitivity`` at 5 % false-positive rate on the same subjects' normal slices. :func:`interval`
        turns them into estimates with intervals.
    """
    subjects = int(max(positive_subject.max(), negative_subject.max())) + 1
    weights = np.vstack([np.ones(subjects), _resample(subjects, seed)])  # (1 + RESAMPLES, subjects)

    of_positive = np.eye(subjects)[positive_subject]  # (P, subjects)
    of_negative = np.eye(subjects)[negative_subject]
    # How often a positive lies above a negative, for each pair of subjects: a resample is then a product of matrices.
    above = (positive[:, None] > negative[None]) + 0.5 * (positive[:, None] == negative[None])
    wins = of_positive.T @ above @ of_negative  # (subjects, subjects)
    positives, negatives = weights @ of_positive.sum(0), weights @ of_negative.sum(0)
    with np.errstate(invalid="ignore"):  # a resample may hold no such slice; the interval omits it
        auc = np.einsum("bi,ij,bj->b", weights, wins, weights) / (positives * negatives)

        sensitivity_at_threshold = weights @ (of_positive.T @ (positive > threshold)) / positives
        specificity = weights @ (of_negative.T @ (negative <= threshold)) / negatives
        order = np.argsort(negative)[::-1]
        false_positive_rate = np.cumsum(weights[:, negative_subject[order]], axis=1) / negatives[:, None]
        allowed = (false_positive_rate <= STATED_FPR).sum(1)  # so many of the highest normal slices may be above
        cut = negative[order][np.minimum(allowed, len(order) - 1)]
        detected = weights[:, positive_subject] * (positive[None] > cut[:, None])
        sensitivity = detected.sum(1) / positives
    balanced_accuracy = (sensitivity_at_threshold + specificity) / 2
    return {"auc": auc, "balanced_accuracy": balanced_accuracy, "sensitivity": sensitivity}


def best_threshold(positive: NDArray[np.float64], negative: NDArray[np.float64]) -> float:
    """Return the threshold of the highest balanced accuracy between scores (P,) and (M,)."""
    order = np.unique(np.concatenate([positive, negative]))
    sensitivity = 1 - np.searchsorted(np.sort(positive), order, side="right") / len(positive)
    specificity = np.searchsorted(np.sort(negative), order, side="right") / len(negative)
    return float(order[np.argmax(sensitivity + specificity)])


def share_above(
    scores: NDArray[np.float64],
    subject: NDArray[np.int64],
    threshold: float,
    subjects: int | None = None,
    seed: int = 0,
) -> Resampled:
    """Return the share of scores above a threshold, resampled over subjects.

    Args:
        scores: (N,).
        subject: number of the subject of each score, (N,) from 0 on.
        threshold: the decision threshold.
        subjects: number of all subjects, if some have no score here.
        seed: of the bootstrap.
    """
    return resampled_mean((scores > threshold).astype(float), subject, subjects, seed)


def resampled_mean(
    values: NDArray[np.float64], subject: NDArray[np.int64], subjects: int | None = None, seed: int = 0
) -> Resampled:
    """Return the mean of values (N,), resampled over subjects; the arguments are those of :func:`share_above`."""
    of_subject = np.eye(subjects or int(subject.max()) + 1)[subject]
    weights = np.vstack([np.ones(of_subject.shape[1]), _resample(of_subject.shape[1], seed)])
    with np.errstate(invalid="ignore"):  # a resample may hold none of these subjects; the interval omits it
        return weights @ (of_subject.T @ values) / (weights @ of_subject.sum(0))


def resampled(measure: Callable[[NDArray[np.int64]], float], subject: NDArray[np.int64], seed: int = 0) -> Resampled:
    """Return any measure, resampled over subjects.

    Args:
        measure: function of the indices of rows, with repeats, that returns a number; NaN where there is none.
        subject: number of the subject of each row, (N,) from 0 on.
        seed: of the bootstrap.
    """
    rows = [np.flatnonzero(subject == number) for number in range(int(subject.max()) + 1)]
    draws = _resample(len(rows), seed).astype(int)
    repeats = [np.concatenate([np.tile(rows[k], n) for k, n in enumerate(drawn)]) for drawn in draws]
    return np.array([measure(index) for index in (np.arange(len(subject)), *repeats)])


def interval(runs: Sequence[Resampled]) -> Interval:
    """Return the mean of a measure over one or more runs on the same subjects, with its 95 % confidence interval.

    The runs (seeds) are averaged within each resample, so that the interval is that of their mean. It is a percentile
    interval of a bootstrap over subjects (Efron & Tibshirani 1993): slices of one subject are no independent samples.
    """
    values = np.mean(runs, axis=0)
    low, high = np.nanpercentile(values[1:], [2.5, 97.5])
    return float(values[0]), float(low), float(high)


def _resample(subjects: int, seed: int) -> NDArray[np.float64]:
    drawn = np.random.default_rng(seed).integers(subjects, size=(RESAMPLES, subjects))
    return np.stack([np.bincount(row, minlength=subjects) for row in drawn]).astype(float)
