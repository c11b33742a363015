"""The reliability plot: how often there is a lesion, against the probability that the score says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from ..calibration import BINS
from . import LESION_TYPES, OTHER, canvas, save


def reliability(report: dict[str, Any], path: Path) -> None:
    """Draw frequency against probability, a line for each kind of lesion, and how the scores are spread; write a PNG.

    Args:
        report: as :func:`scripts.evaluation.summary.by_size` returns.
        path: of the PNG.
    """
    figure = canvas(5.2, 6.4)
    upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=(3, 1))
    upper.plot([0, 1], [0, 1], color="grey", linewidth=0.8)
    for lesion_type, fit in report["calibration"].items():
        said, seen, share = np.array(fit["bins"]).T
        style = LESION_TYPES.get(lesion_type, OTHER)
        upper.plot(
            said, seen, label=f"{lesion_type}: error {fit['ece']:.3f}, Brier {fit['brier']:.3f}", markersize=4, **style
        )
        lower.plot(said, share, markersize=3, **style)
    upper.set(ylabel="share of the slices that have a lesion", xlim=(0, 1), ylim=(0, 1))
    lower.set(xlabel="probability that the score says", ylabel="share in the bin", ylim=(0, None))
    lower.set_xticks(np.linspace(0, 1, BINS + 1))
    for axes in (upper, lower):
        axes.grid(alpha=0.3)
    upper.legend(loc="upper left", frameon=False, fontsize=8)
    save(figure, path, f"Of lesions of all sizes and as many normal slices.\n{report['note']}")
