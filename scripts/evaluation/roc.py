"""How well scores tell asymmetric slices from normal ones, with intervals that know that slices share a subject."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

FALSE_POSITIVES = 0.05
"""The share of normal slices above the threshold at which sensitivity is stated."""

RESAMPLES = 1000
"""Resamples of the subjects for the 95 % intervals."""

Interval = tuple[float, float, float]


Resampled = NDArray[np.float64]
"""A figure and its resamples over the subjects, (1 + RESAMPLES,): the estimate comes first."""


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
        positive_subject: whose they are, (P,) from 0 on.
        negative: scores (M,) of normal slices.
        negative_subject: whose they are, (M,).
        threshold: the decision threshold for the accuracy.
        seed: of the bootstrap.

    Returns:
        ``auc``, the area under the ROC curve; ``balanced_accuracy``, the mean of sensitivity and specificity at the
        threshold; ``sensitivity`` at 5 % false positives on the same subjects' normal slices; :func:`interval` makes
        estimates with intervals of them.
    """
    subjects = int(max(positive_subject.max(), negative_subject.max())) + 1
    weights = np.vstack([np.ones(subjects), _resample(subjects, seed)])  # (1 + RESAMPLES, subjects)

    of_positive = np.eye(subjects)[positive_subject]  # (P, subjects)
    of_negative = np.eye(subjects)[negative_subject]
    # How often a positive lies above a negative, for each pair of subjects: then a resample is a product of matrices.
    above = (positive[:, None] > negative[None]) + 0.5 * (positive[:, None] == negative[None])
    wins = of_positive.T @ above @ of_negative  # (subjects, subjects)
    positives, negatives = weights @ of_positive.sum(0), weights @ of_negative.sum(0)
    with np.errstate(invalid="ignore"):  # a resample may hold no such slice; the interval leaves it out
        auc = np.einsum("bi,ij,bj->b", weights, wins, weights) / (positives * negatives)

        hit = weights @ (of_positive.T @ (positive > threshold)) / positives
        quiet = weights @ (of_negative.T @ (negative <= threshold)) / negatives
        order = np.argsort(negative)[::-1]
        false = np.cumsum(weights[:, negative_subject[order]], axis=1) / negatives[:, None]
        allowed = (false <= FALSE_POSITIVES).sum(1)  # so many of the highest normal slices may be above
        cut = negative[order][np.minimum(allowed, len(order) - 1)]
        caught = weights[:, positive_subject] * (positive[None] > cut[:, None])
        sensitivity = caught.sum(1) / positives
    return {"auc": auc, "balanced_accuracy": (hit + quiet) / 2, "sensitivity": sensitivity}


def best_threshold(positive: NDArray[np.float64], negative: NDArray[np.float64]) -> float:
    """Return the threshold of the highest balanced accuracy between scores (P,) and (M,)."""
    order = np.unique(np.concatenate([positive, negative]))
    hit = 1 - np.searchsorted(np.sort(positive), order, side="right") / len(positive)
    quiet = np.searchsorted(np.sort(negative), order, side="right") / len(negative)
    return float(order[np.argmax(hit + quiet)])


def share_above(
    scores: NDArray[np.float64],
    subject: NDArray[np.int64],
    threshold: float,
    subjects: int | None = None,
    seed: int = 0,
) -> Resampled:
    """Return the share of scores (N,) above the threshold, resampled over subjects (N,), of which there may be more."""
    of = np.eye(subjects or int(subject.max()) + 1)[subject]
    weights = np.vstack([np.ones(of.shape[1]), _resample(of.shape[1], seed)])
    with np.errstate(invalid="ignore"):  # a resample may hold none of these subjects; the interval leaves it out
        return weights @ (of.T @ (scores > threshold)) / (weights @ of.sum(0))


def interval(runs: Sequence[Resampled]) -> Interval:
    """Make an estimate with its 95 % interval of the same figure of one or more runs on the same subjects.

    The runs (seeds) are averaged within each resample, so that the interval is that of their mean over subjects.
    Percentiles of a bootstrap over subjects (Efron & Tibshirani 1993), since slices of one subject are no independent
    samples.
    """
    values = np.mean(runs, axis=0)
    low, high = np.nanpercentile(values[1:], [2.5, 97.5])
    return float(values[0]), float(low), float(high)


def _resample(subjects: int, seed: int) -> NDArray[np.float64]:
    drawn = np.random.default_rng(seed).integers(subjects, size=(RESAMPLES, subjects))
    return np.stack([np.bincount(row, minlength=subjects) for row in drawn]).astype(float)
