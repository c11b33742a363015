"""Scores of several networks, each of its own subjects, taken together as those of one network."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

Columns = Mapping[str, Sequence[Any]]
"""A value of each row, see :class:`scripts.evaluation.collect.Columns`."""


class Together(NamedTuple):
    """Scores of several networks.

    Attributes:
        columns: all rows.
        threshold: slice score, a logit, that is common to all.
    """

    columns: dict[str, list[Any]]
    threshold: float


def at_common_threshold(parts: Sequence[Mapping[str, Any]]) -> Together:
    """Join the scores of networks that have a threshold each, as those of the folds of a cross-validation do.

    The scores of each are shifted so that all have the mean of the thresholds. Scores of a single network stay as they
    are.

    Args:
        parts: ``threshold`` of a network, and its :data:`Columns` at ``columns``, with ``score``.
    """
    mean = float(np.mean([part["threshold"] for part in parts]))
    shifted = []
    for part in parts:
        columns, shift = part["columns"], mean - part["threshold"]
        shifted.append({**columns, "score": [score + shift for score in columns["score"]]})
    return Together(joined(shifted), mean)


def joined(tables: Sequence[Columns]) -> dict[str, list[Any]]:
    """Join the rows of tables that have the same columns."""
    return {name: [value for table in tables for value in table[name]] for name in tables[0]}
