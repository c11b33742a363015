"""One line about one scan."""

from __future__ import annotations

from typing import Any


def line(result: dict[str, Any]) -> str:
    """Say status, name, score, side and reasons of a scan in one line."""
    reasons = "; ".join(f"{reason['code']}: {reason['message']}" for reason in result["reasons"])
    if result["status"] == "failed":
        return f"failed   {result['case']}  {reasons}"
    where = result["where"]
    place = f", {where['volume_mm3']:.0f} mm³" if where and where["volume_mm3"] else ""
    percentile = result["percentile"]["value"]
    rank = f", percentile {percentile:.0f} ({result['percentile']['reference']})" if percentile is not None else ""
    high = ", above the scan threshold" if result["above_threshold"] else ""
    text = (
        f"{result['status']:<8} {result['case']}  score {result['score']:.2f}, side {result['side']}{place}{rank}{high}"
    )
    others = result.get("series", {}).get("others", [])
    left = "; ".join(f"series {one['series']} left out: {one['why'].split(': ', 1)[-1]}" for one in others)
    return "  ".join(part for part in (text, reasons, left) if part)
