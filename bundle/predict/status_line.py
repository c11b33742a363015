"""What ``predict`` prints: a line about the batch, one about each scan, and one about all of them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from scripts.console.output import count, duration
from scripts.results.reference import SHIPPED

from .. import ROOT


def line(result: dict[str, Any]) -> str:
    """Say status, name, answer, side and reasons of a scan in one line."""
    reasons = "; ".join(f"{reason['code']}: {reason['message']}" for reason in result["reasons"])
    if result["status"] == "failed":
        return f"failed   {result['case']}  {reasons}"
    comparison, places = result["comparison"], len(result["findings"])
    known = "" if comparison["p"] is None else f" (p {comparison['p']:.2g})"
    text = (
        f"{result['status']:<8} {result['case']}  {comparison['word']}{known}, side {result['side']}, "
        f"{count(places, 'place')}, score {result['score']:.2f}"
    )
    others = result.get("series", {}).get("others", [])
    left = "; ".join(f"series {one['series']} left out: {one['why'].split(': ', 1)[-1]}" for one in others)
    return "  ".join(part for part in (text, reasons, left) if part)


def header(scans: int, weights: Path, provenance: Mapping[str, Any]) -> str:
    """Say how many scans there are, and which weights score them: the shipped ones, or others.

    Args:
        scans: their number.
        weights: file of the network's weights.
        provenance: of the pipeline.
    """
    digest = provenance["sha256"][weights.name]
    # The shipped reference names the weights that it was made with.
    shipped = SHIPPED.exists() and json.loads(SHIPPED.read_text(encoding="utf-8"))["weights"] == digest
    kind = "shipped" if shipped else "not the shipped ones"
    path = weights.relative_to(ROOT) if weights.is_relative_to(ROOT) else weights
    return f"{count(scans, 'scan')}. Weights: {path} ({kind}, sha256 {digest[:8]}…). Device: {provenance['device']}."


def summary(results: list[dict[str, Any]], output_dir: Path, seconds: float) -> str:
    """Say how many scans ended how, where the files are, and how long it took."""
    states = [result["status"] for result in results]
    counts = ", ".join(f"{states.count(state)} {state}" for state in ("ok", "warning", "failed"))
    return f"{counts}. Files: {output_dir}. {duration(seconds)}."
