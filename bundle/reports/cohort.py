"""The report about all scans of a run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from scripts.disclaimer import RESEARCH_ONLY
from scripts.results.bids_names import derivative_name

from .charts import score_distribution
from .drawing import image_tag
from .scan import FOLDER
from .template import template

MAX_LISTED = 12
"""Longest list of scans to look at first."""

COLUMNS = ("scan", "status", "score", "percentile", "side", "volume (ml)", "asymmetry index", "quality control")
NUMBERS = ("score", "percentile", "volume (ml)", "asymmetry index")


def cohort_page(results: Sequence[Mapping[str, Any]], provenance: Mapping[str, Any]) -> str:
    """Return the report: the scans to look at first, the distribution of scores, and a table that can be sorted.

    Args:
        results: of all scans, see :class:`bundle.predict.scan_result.ScanResult`.
        provenance: of the pipeline.
    """
    counts = Counter(result["status"] for result in results)
    scored = [result for result in results if result["score"] is not None]
    return template("cohort.html").substitute(
        style=(FOLDER / "style.css").read_text(encoding="utf-8"),
        count=_scans(len(results)),
        note=RESEARCH_ONLY,
        badges=" ".join(f'<span class="badge {name}">{counts[name]} {name}</span>' for name in sorted(counts)),
        first=_first(results),
        distribution=_distribution(scored),
        table=_table(results),
        reference=escape(_reference(scored)),
        version=provenance["versions"]["neonatal_brain_symmetry"],
    )


def _scans(count: int) -> str:
    return f"{count} scan" if count == 1 else f"{count} scans"


def _reference(scored: Sequence[Mapping[str, Any]]) -> str:
    """Return which normal scans the scores are compared with, or why with none."""
    compared = {r["percentile"]["reference"] for r in scored if r["scan_threshold"]}
    missing = {r["percentile"]["note"] for r in scored if not r["scan_threshold"]}
    known = [f"The threshold is the score that 5 % of normal scans exceed (reference: {kind})." for kind in compared]
    return " ".join([*sorted(known), *(f"Without a threshold: {note}." for note in sorted(missing))])


def _first(results: Sequence[Mapping[str, Any]]) -> str:
    """Return the list: failed scans, then those above the threshold, then other warnings; the highest scores first."""
    weight = {"failed": 2, "warning": 0, "ok": 0}
    listed = [r for r in results if r["status"] != "ok" or r.get("above_threshold")]
    listed.sort(key=lambda r: (-weight[r["status"]] - bool(r.get("above_threshold")), -(r["score"] or 0), r["case"]))
    if not listed:
        return "<p class='soft'>None: no scan has a warning, and no score is above a threshold.</p>"
    items = "".join(f"<li>{_link(result)}: {_why(result)}</li>" for result in listed[:MAX_LISTED])
    rest = len(listed) - MAX_LISTED
    return f"<ul>{items}</ul>" + (f"<p class='soft'>and {rest} more, see the table.</p>" if rest > 0 else "")


def _why(result: Mapping[str, Any]) -> str:
    score = [] if result["score"] is None else [f"score {result['score']:.2f}, {result['side']}"]
    high = ["above the threshold"] if result.get("above_threshold") else []
    return escape("; ".join([*score, *high, *_codes(result)]))


def _codes(result: Mapping[str, Any]) -> list[str]:
    return [reason["code"].replace("_", " ") for reason in result["reasons"]]


def _link(result: Mapping[str, Any]) -> str:
    folder, name = derivative_name(result["case"])
    text = escape(result["case"])
    return text if result["status"] == "failed" else f'<a href="{folder}/{name}_report.html">{text}</a>'


def _distribution(scored: Sequence[Mapping[str, Any]]) -> str:
    if not scored:
        return "<p class='soft'>No scan was scored.</p>"
    thresholds = {result["scan_threshold"] for result in scored}
    threshold = thresholds.pop() if len(thresholds) == 1 else None
    picture = score_distribution([result["score"] for result in scored], threshold)
    caption = f"Scores of {_scans(len(scored))}; each dot is a scan."
    return f"<figure>{image_tag(caption, picture)}<figcaption>{caption}</figcaption></figure>"


def _table(results: Sequence[Mapping[str, Any]]) -> str:
    head = "".join(
        f"<th{' class=number' if name in NUMBERS else ''}><button type='button'>{name}</button></th>"
        for name in COLUMNS
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(map(_row, results))}</tbody></table>"


def _row(result: Mapping[str, Any]) -> str:
    where, volumes = result["where"] or {}, result.get("volumes") or {}
    numbers = (
        (result["score"], "{:.2f}"),
        ((result.get("percentile") or {}).get("value"), "{:.0f}"),
        (where["volume_mm3"] / 1000 if where.get("volume_mm3") else None, "{:.1f}"),
        (volumes.get("asymmetry_index"), "{:+.3f}"),
    )
    score, percentile, volume, index = (
        f"<td class=number data-value='{-9 if value is None else value}'>"
        f"{'–' if value is None else form.format(value)}</td>"
        for value, form in numbers
    )
    status = f"<td><span class='badge {result['status']}'>{result['status']}</span></td>"
    row = "<tr class=broken>" if result.get("above_threshold") else "<tr>"
    return (
        f"{row}<td>{_link(result)}</td>{status}{score}{percentile}<td>{result['side']}</td>{volume}{index}"
        f"<td>{escape(', '.join(_codes(result)))}</td></tr>"
    )
