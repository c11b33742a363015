"""The reliability plot: the frequency of a lesion over the probability that the score predicts."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from ..calibration import BINS
from ..measures import MEASURES
from . import LESION_TYPES, OTHER, canvas, save


def reliability(report: Mapping[str, Any], path: Path) -> None:
    """Draw frequency over probability, a line for each lesion type, and the distribution of scores; write a PNG.

    Args:
        report: as :func:`scripts.evaluation.summary.by_size` returns it.
        path: of the PNG.
    """
    figure = canvas(5.2, 6.4)
    upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=(3, 1))
    upper.plot([0, 1], [0, 1], color="grey", linewidth=0.8)
    for lesion_type, fit in report["calibration"].items():
        predicted, observed, share = np.array(fit["bins"]).T
        style = LESION_TYPES.get(lesion_type, OTHER)
        errors = ", ".join(f"{MEASURES[key].head} {fit[key]:{MEASURES[key].form}}" for key in ("ece", "brier"))
        upper.plot(predicted, observed, label=f"{lesion_type}: {errors}", markersize=4, **style)
        lower.plot(predicted, share, markersize=3, **style)
    upper.set(ylabel="share of the slices with a lesion", xlim=(0, 1), ylim=(0, 1))
    lower.set(xlabel="predicted probability of a lesion", ylabel="share of slices", ylim=(0, None))
    lower.set_xticks(np.linspace(0, 1, BINS + 1))
    for axes in (upper, lower):
        axes.grid(alpha=0.3)
    upper.legend(loc="upper left", frameon=False, fontsize=8)
    save(figure, path, f"Lesions of all sizes, and normal slices weighted to be as many.\n{report['note']}")
