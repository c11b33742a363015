"""What a score says about a scan as a whole, in a sentence."""

from __future__ import annotations

from typing import Any

from .normative import EXCEEDED_BY


def statement(result: dict[str, Any]) -> str:
    """Say whether the score of a scan is high among those of normal scans, or why that is not known.

    Args:
        result: an answer with a score, see ``docs/asymmetry.schema.json``.
    """
    provenance = result["percentile"]
    if result["above_threshold"] is None:
        return f"Whether this is high for a normal scan is not known: {provenance['note']}."
    return (
        f"{'Above' if result['above_threshold'] else 'Not above'} {result['scan_threshold']:.2f}, the score that "
        f"{100 * EXCEEDED_BY:.0f} % of normal scans exceed ({provenance['scans']} scans: {provenance['reference']})."
    )
