"""The report about all scans of a run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from scripts.disclaimer import RESEARCH_ONLY
from scripts.results.bids_names import derivative_name
from scripts.results.comparison import UNKNOWN, WORDS

from .charts import score_distribution
from .drawing import image_tag
from .scan import FOLDER
from .template import template

MAX_LISTED = 12
"""Longest list of scans to look at first."""

COLUMNS = ("scan", "status", "answer", "p", "side", "places", "score", "asymmetry index", "quality control")
NUMBERS = ("p", "places", "score", "asymmetry index")


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
    """Return which normal scans the scans are compared with, or why some are not."""
    known = {r["comparison"]["reference"] for r in scored if r["comparison"]["word"] != UNKNOWN}
    missing = {r["comparison"]["note"] for r in scored if r["comparison"]["word"] == UNKNOWN}
    return " ".join(
        [
            *(f"Reference of normal scans: {kind}." for kind in sorted(known)),
            *(f"Not compared: {note}." for note in sorted(missing)),
        ]
    )


def _unusual(result: Mapping[str, Any]) -> bool:
    """Say whether fewer than 5 % of normal scans are as asymmetric."""
    return result["score"] is not None and result["comparison"]["word"] in WORDS


def _first(results: Sequence[Mapping[str, Any]]) -> str:
    """Return the list: failed scans, then unusual ones, the rarest first, then other warnings."""
    listed = [r for r in results if r["status"] != "ok" or _unusual(r)]
    listed.sort(key=lambda r: (r["status"] != "failed", not _unusual(r), _p(r), r["case"]))
    if not listed:
        return "<p class='soft'>None: no scan has a warning, and none is unusual.</p>"
    items = "".join(f"<li>{_link(result)}: {_why(result)}</li>" for result in listed[:MAX_LISTED])
    rest = len(listed) - MAX_LISTED
    return f"<ul>{items}</ul>" + (f"<p class='soft'>and {rest} more, see the table.</p>" if rest > 0 else "")


def _p(result: Mapping[str, Any]) -> float:
    """Return the p value; 1 if it is not known."""
    p = None if result["score"] is None else result["comparison"]["p"]
    return 1.0 if p is None else float(p)


def _why(result: Mapping[str, Any]) -> str:
    answer = [] if result["score"] is None else [f"{result['comparison']['word']}, {result['side']}"]
    return escape("; ".join([*answer, *_codes(result)]))


def _codes(result: Mapping[str, Any]) -> list[str]:
    return [reason["code"].replace("_", " ") for reason in result["reasons"]]


def _link(result: Mapping[str, Any]) -> str:
    folder, name = derivative_name(result["case"])
    text = escape(result["case"])
    return text if result["status"] == "failed" else f'<a href="{folder}/{name}_report.html">{text}</a>'


def _distribution(scored: Sequence[Mapping[str, Any]]) -> str:
    if not scored:
        return "<p class='soft'>No scan was scored.</p>"
    picture = score_distribution([result["score"] for result in scored])
    caption = f"Scores of {_scans(len(scored))}; each dot is a scan."
    return f"<figure>{image_tag(caption, picture)}<figcaption>{caption}</figcaption></figure>"


def _table(results: Sequence[Mapping[str, Any]]) -> str:
    head = "".join(
        f"<th{' class=number' if name in NUMBERS else ''}><button type='button'>{name}</button></th>"
        for name in COLUMNS
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(map(_row, results))}</tbody></table>"


def _row(result: Mapping[str, Any]) -> str:
    failed = result["score"] is None
    comparison, volumes = result.get("comparison") or {}, result.get("volumes") or {}
    numbers = (
        (comparison.get("p"), "{:.3g}"),
        (None if failed else len(result["findings"]), "{:d}"),
        (result["score"], "{:.2f}"),
        (volumes.get("asymmetry_index"), "{:+.3f}"),
    )
    p, places, score, index = (
        f"<td class=number data-value='{-9 if value is None else value}'>"
        f"{'–' if value is None else form.format(value)}</td>"
        for value, form in numbers
    )
    status = f"<td><span class='badge {result['status']}'>{result['status']}</span></td>"
    row = "<tr class=broken>" if _unusual(result) else "<tr>"
    return (
        f"{row}<td>{_link(result)}</td>{status}<td>{comparison.get('word', '–')}</td>{p}<td>{result['side']}</td>"
        f"{places}{score}{index}<td>{escape(', '.join(_codes(result)))}</td></tr>"
    )
