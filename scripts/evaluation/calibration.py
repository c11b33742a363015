"""Does a slice score mean what it says? Its sigmoid, as the probability of a lesion, against how often there is one."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

BINS = 10
"""Of equal width, from probability 0 to 1."""


def calibration(positive: NDArray[np.float64], negative: NDArray[np.float64]) -> dict[str, Any]:
    """Compare probabilities with frequencies, as if half of all slices had a lesion.

    Args:
        positive: scores (P,) of slices with a lesion, logits.
        negative: scores (M,) of normal slices; weighted so that both together count as much as the positives.

    Returns:
        JSON-safe: ``brier``, the mean squared error of the probability (Brier 1950); ``ece``, the expected calibration
        error, the mean distance of probability and frequency over bins, weighted by their slices (Naeini et al. 2015,
        doi:10.1609/aaai.v29i1.9602); ``bins``: mean probability, frequency and share of the slices of each bin that
        holds any.
    """
    chance = expit(np.concatenate([positive, negative]))
    truth = np.repeat([1.0, 0.0], [len(positive), len(negative)])
    weight = np.repeat([0.5 / len(positive), 0.5 / len(negative)], [len(positive), len(negative)])
    number = np.minimum((chance * BINS).astype(int), BINS - 1)
    share, said, seen = (
        np.bincount(number, weight * values, minlength=BINS) for values in (np.ones_like(chance), chance, truth)
    )
    held = share > 0
    rows = np.stack([said[held] / share[held], seen[held] / share[held], share[held]], axis=1)
    return {
        "brier": round(float((weight * (chance - truth) ** 2).sum()), 4),
        "ece": round(float(np.abs(said - seen).sum()), 4),
        "bins": rows.round(4).tolist(),
    }
