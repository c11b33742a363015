"""The report about one scan."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from pathlib import Path
from string import Template
from typing import Any

from scripts.quality.rules import RULES
from scripts.results.statement import statement

from .figures import SEEN, among_normal, halves, planes, profile

FOLDER = Path(__file__).parent
KNOWN = "Radiological convention: the patient's left is at the right. L and R come from the file's affine."
UNKNOWN = "The file does not say which side is left: no letters."


def scan_page(result: dict[str, Any], found: dict[str, Any], reference: list[float]) -> str:
    """Write the page of a scan that was scored.

    Args:
        result: the answer.
        found: of the pipeline.
        reference: scores of normal scans; may be empty.

    Returns:
        HTML that needs no other file.
    """
    known = not result["facts"].get("affine")
    return template("scan.html").substitute(
        halves=_row(halves(found, result)),
        profile=profile(result),
        planes=_planes(found, result, KNOWN if known else UNKNOWN) if found["head"].ndim == 4 else "",
        style=(FOLDER / "style.css").read_text(encoding="utf-8"),
        case=escape(result["case"]),
        status=result["status"],
        note=result["note"],
        tiles="".join(f"<div class='tile'><span>{name}</span><b>{value}</b></div>" for name, value in _tiles(result)),
        statement=escape(statement(result)),
        level="high" if result["above_threshold"] else "",
        reasons=_reasons(result),
        first="left" if known else "first half",
        among=_among(result, reference),
        quality=_quality(result),
        version=result["versions"]["neonatal_brain_symmetry"],
        device=result["device"],
        weights=", ".join(f"{name} {value[:12]}" for name, value in result["sha256"].items()),
    )


def template(name: str) -> Template:
    """Read a page with places to fill."""
    return Template((FOLDER / name).read_text(encoding="utf-8"))


def table(header: Iterable[str], rows: Iterable[tuple[bool, Iterable[str]]]) -> str:
    """Lay out a table; rows that are marked stand out. Cells are HTML."""
    head = "".join(f"<th>{cell}</th>" for cell in header)
    body = "".join(
        f"<tr{' class=broken' if marked else ''}>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>"
        for marked, cells in rows
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _planes(found: dict[str, Any], result: dict[str, Any], convention: str) -> str:
    """Lay out the cuts along the three planes, which a single slice has none of."""
    scan, chance = (_row(planes(found, result, with_map)) for with_map in (False, True))
    return template("planes.html").substitute(scan=scan, map=chance, convention=convention, seen=SEEN)


def _row(pictures: dict[str, str]) -> str:
    return "".join(f"<img alt='{name}' src='data:image/png;base64,{image}'>" for name, image in pictures.items())


def _tiles(result: dict[str, Any]) -> list[tuple[str, str]]:
    where, percentile = result["where"], result["percentile"]["value"]
    place = where and where["centre_ras_mm"]
    index = result["volumes"]["asymmetry_index"]
    return [
        ("score of the scan", f"{result['score']:.2f}"),
        (
            f"percentile, {escape(result['percentile']['reference'])}",
            "–" if percentile is None else f"{percentile:.0f}",
        ),
        ("side", result["side"]),
        ("centre R, A, S (mm)", ", ".join(f"{v:.0f}" for v in place) if place else "–"),
        ("volume", f"{where['volume_mm3'] / 1000:.1f} ml" if where and where["volume_mm3"] else "–"),
        ("asymmetry index of volumes", "–" if index is None else f"{index:+.3f}"),
    ]


def _reasons(result: dict[str, Any]) -> str:
    items = "".join(f"<li><b>{one['code']}</b>: {escape(one['message'])}</li>" for one in result["reasons"])
    return f"<section><h2>Look at this first</h2><ul>{items}</ul></section>" if items else ""


def _among(result: dict[str, Any], reference: list[float]) -> str:
    note = escape(result["percentile"]["note"])
    if not reference or result["percentile"]["value"] is None:
        return f"<p class='soft'>{note[:1].upper()}{note[1:]}.</p>"
    line = " Dashed: the score that 5 % of them exceed." if result["scan_threshold"] is not None else ""
    text = f"The reference: {len(reference)} scans, {escape(result['percentile']['reference'])}.{line} {note}"
    source = f"data:image/png;base64,{among_normal(result, reference)}"
    return f"<figure><img alt='The score among normal scans' src='{source}'><figcaption>{text}</figcaption></figure>"


def _quality(result: dict[str, Any]) -> str:
    facts = {**result["facts"], **result["midline"], "asymmetry_index": result["volumes"]["absolute_asymmetry_index"]}
    broken = {reason["code"] for reason in result["reasons"]}
    rows = []
    for rule in RULES:
        value = facts.get(rule.measurement)
        if value is not None:
            low, high = ("" if limit is None else f"{limit:g}" for limit in (rule.low, rule.high))
            limits = f"{low} to {high}" if low and high else f"at least {low}" if low else f"at most {high}"
            name = rule.code.replace("_", " ")
            rows.append(
                (rule.code in broken, (name, f"{value:.3g}", limits, "look" if rule.code in broken else "kept"))
            )
    return table(("check", "found", "allowed", ""), rows)
