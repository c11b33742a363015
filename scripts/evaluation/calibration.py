"""Calibration: the probability that a slice score predicts, compared with how often there is a lesion."""

from __future__ import annotations

from typing import TypedDict

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

BINS = 10
"""Bins of equal width, from probability 0 to 1."""


class Calibration(TypedDict):
    """How well the scores of one lesion type predict the probability of a lesion.

    Attributes:
        brier: mean squared error of the probability (Brier 1950); 0 is perfect.
        ece: expected calibration error, the mean distance between probability and frequency over the bins, weighted by
            their slices (Naeini et al. 2015, doi:10.1609/aaai.v29i1.9602); 0 is perfect.
        bins: for each bin that is not empty: mean probability, frequency of lesions, and share of all slices.
    """

    brier: float
    ece: float
    bins: list[list[float]]


def calibration(positive: NDArray[np.float64], negative: NDArray[np.float64]) -> Calibration:
    """Compare predicted probabilities with frequencies, as if half of all slices had a lesion.

    Args:
        positive: scores (P,) of slices with a lesion, logits.
        negative: scores (M,) of normal slices. They are weighted to count as much as the positive ones together.

    Returns:
        Plain numbers for JSON.
    """
    probability = expit(np.concatenate([positive, negative]))
    truth = np.repeat([1.0, 0.0], [len(positive), len(negative)])
    weight = np.repeat([0.5 / len(positive), 0.5 / len(negative)], [len(positive), len(negative)])
    number = np.minimum((probability * BINS).astype(int), BINS - 1)
    share, predicted, observed = (
        np.bincount(number, weight * values, minlength=BINS)
        for values in (np.ones_like(probability), probability, truth)
    )
    filled = share > 0
    rows = np.stack([predicted[filled] / share[filled], observed[filled] / share[filled], share[filled]], axis=1)
    return {
        "brier": round(float((weight * (probability - truth) ** 2).sum()), 4),
        "ece": round(float(np.abs(predicted - observed).sum()), 4),
        "bins": rows.round(4).tolist(),
    }
