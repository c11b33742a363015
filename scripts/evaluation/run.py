"""The scores of one run (seed), and the measures of any part of its slices."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .roc import Resampled, best_threshold, performance, share_above

NUMBERS = ("score", "baseline", "side_correct", "peak_in_lesion", "known_location", "known_location_normal")
"""The columns that are computed with."""

Rows = NDArray[np.bool_]
"""Which of the N slices are meant."""


class Run:
    """The scores of one run (seed).

    Args:
        table: columns, see :class:`scripts.evaluation.collect.Columns`.
        threshold: of the run's network.
        subject: number of the subject of each slice (N,).
        normal: which slices are normal.
    """

    def __init__(self, table: Mapping[str, Any], threshold: float, subject: NDArray[np.int64], normal: Rows) -> None:
        self.columns = {name: np.asarray(table[name], dtype=float) for name in NUMBERS if name in table}
        self.threshold, self.subject, self.normal, self.subjects = threshold, subject, normal, int(subject.max()) + 1

    def performance(self, rows: Rows, column: str = "score") -> dict[str, Resampled]:
        """Compare slices with the normal ones by a column of scores."""
        score, normal = self.columns[column], self.normal
        return performance(score[rows], self.subject[rows], score[normal], self.subject[normal], self.threshold)

    def at_known_location(self, rows: Rows) -> Resampled:
        """Return the balanced accuracy of an observer who knows where the lesion would be."""
        lesion, normal = (self.columns[name][rows] for name in ("known_location", "known_location_normal"))
        of, threshold = self.subject[rows], best_threshold(lesion, normal)
        return performance(lesion, of, normal, of, threshold)["balanced_accuracy"]

    def share(self, rows: Rows, column: str, threshold: float, only_detected: bool = False) -> Resampled | None:
        """Return the share of slices with a column above a threshold; None if there is no such slice."""
        chosen = rows & (self.columns["score"] > self.threshold) if only_detected else rows
        if not chosen.any():
            return None
        return share_above(self.columns[column][chosen], self.subject[chosen], threshold, self.subjects)
