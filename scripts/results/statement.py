"""The answer about a scan in one or two sentences."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .comparison import UNKNOWN, VOLUMES


def statement(result: Mapping[str, Any]) -> str:
    """Return how many normal scans are as asymmetric, or why this is not known.

    Args:
        result: of a scan with a score, see :class:`scripts.results.summarise.AsymmetryResult`.
    """
    comparison = result["comparison"]
    if comparison["word"] == UNKNOWN:
        return f"Whether this is unusual is not known: {comparison['note']}."
    answer = (
        f"{comparison['word'].capitalize()}: of 100 normal scans, {share(comparison['p'])} are as asymmetric or more "
        f"({_digits(comparison['p_low'])} to {_digits(comparison['p_high'])}; reference: {comparison['reference']})."
    )
    if comparison["rests_on"] != VOLUMES or comparison["p"] >= 0.5:
        return answer
    larger = "one hemisphere" if result["side"] == UNKNOWN else f"the {result['side']} hemisphere"
    index = result["volumes"]["absolute_asymmetry_index"]
    percent = 200 * index / (1 - index)  # (larger - smaller) / smaller
    return f"{answer} This rests on the volumes: {larger} is {percent:.0f} % larger than the other."


def finding_words(finding: Mapping[str, Any]) -> str:
    """Return what a finding is, in a line: side, what it looks like, where, how large, how rare.

    Args:
        finding: see :class:`scripts.results.findings.Finding`.
    """
    side = "side unknown" if finding["side"] == UNKNOWN else finding["side"]
    parts = [f"{side}, {finding['looks']} {'as' if finding['looks'] == 'as bright' else 'than'} its mirror position"]
    if finding["centre_ras_mm"]:
        parts.append("centre R, A, S " + ", ".join(f"{v:.0f}" for v in finding["centre_ras_mm"]) + " mm")
    if finding["volume_mm3"]:
        parts.append(f"{finding['volume_mm3'] / 1000:.1f} ml")
    if finding["p"] is not None:
        parts.append(f"of 100 normal scans, {share(finding['p'])} have a place that stands out as much")
    return "; ".join(parts)


def share(p: float) -> str:
    """Return how many of 100 normal scans a p value means, in as many digits as are of use."""
    return "fewer than 0.1" if p < 0.001 else f"about {_digits(p)}"


def _digits(p: float) -> str:
    return f"{100 * p:.1f}" if p < 0.02 else f"{100 * p:.0f}"
