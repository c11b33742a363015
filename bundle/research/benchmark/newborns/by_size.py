"""Tables by the size of the lesion, for all scans together and for each contrast, from the rows of single scans."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from scripts.evaluation.calibration import calibration
from scripts.evaluation.summary import by_size

from ...common_threshold import at_common_threshold, joined
from . import estimate
from .dataset import CONTRASTS

Rows = list[dict[str, Any]]


def groups(rows: Rows) -> dict[str, Rows]:
    """Divide rows of scans: all together, and those of each contrast that is there."""
    parts = {contrast: [row for row in rows if row["contrast"] == contrast] for contrast in CONTRASTS}
    return {"all": rows, **{name: part for name, part in parts.items() if part}}


def tables(rows: Rows, key: str = "lesions") -> dict[str, Any]:
    """Summarise the scores of lesions by type and size.

    All scores of a run are brought to a common threshold, but the calibration is that of the scores as they are.

    Args:
        rows: of scans, with ``runs``: of each run what :func:`.lesions.lesion_scores` returned, at ``key``.
        key: see ``rows``.

    Returns:
        Group -> :class:`scripts.evaluation.summary.EvaluationReport` with ``scale`` and ``ece``, the calibration error
        of each lesion type with its interval.
    """
    return {name: _report(part, key) for name, part in groups(rows).items()}


def _report(rows: Rows, key: str) -> dict[str, Any]:
    runs = [[row["runs"][k][key] for row in rows] for k in range(len(rows[0]["runs"]))]
    raw = [joined([scan["columns"] for scan in run]) for run in runs]
    together = [at_common_threshold(run) for run in runs]
    report: dict[str, Any] = {
        **by_size([run.columns for run in together], [run.threshold for run in together]),
        "scale": "side_mm",
    }
    kinds, subjects = np.array(raw[0]["lesion_type"]), raw[0]["subject"]
    scores = [np.array(columns["score"]) for columns in raw]
    every = np.arange(len(kinds))
    report["ece"] = {}
    for kind in report["calibration"]:
        pooled = [_halves(score, kinds, kind, every) for score in scores]
        positive, negative = (np.concatenate([half[k] for half in pooled]) for k in (0, 1))
        report["calibration"][kind] = calibration(positive, negative)
        report["ece"][kind] = estimate.measure([_error(score, kinds, kind) for score in scores], subjects)
    return report


def _halves(
    score: NDArray[np.float64], kinds: NDArray[Any], kind: str, rows: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Scores of slices with lesions of a type, and of normal slices."""
    return score[rows][kinds[rows] == kind], score[rows][kinds[rows] == "normal"]


def _error(score: NDArray[np.float64], kinds: NDArray[Any], kind: str) -> Any:
    """A function of rows that returns their calibration error."""
    return lambda rows: calibration(*_halves(score, kinds, kind, rows))["ece"]
