"""What the score of a scan means, in one sentence."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .normative import EXCEEDED_BY


def statement(result: Mapping[str, Any]) -> str:
    """Return whether the score of a scan is high among those of normal scans, or why this is not known.

    Args:
        result: of a scan with a score, see :class:`scripts.results.summarise.AsymmetryResult`.
    """
    percentile = result["percentile"]
    if result["above_threshold"] is None:
        return f"Whether this is high for a normal scan is not known: {percentile['note']}."
    return (
        f"{'Above' if result['above_threshold'] else 'Not above'} {result['scan_threshold']:.2f}, the score that "
        f"{100 * EXCEEDED_BY:.0f} % of normal scans exceed (reference: {percentile['reference']})."
    )
