"""The report about one scan."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

from scripts.disclaimer import RADIOLOGICAL
from scripts.quality.rules import RULES
from scripts.results.comparison import UNKNOWN, WORDS
from scripts.results.statement import finding_words, statement

from .charts import among_normal, slice_profile
from .drawing import image_tag
from .figures import LOWEST, hemispheres, planes
from .template import template
from .viewer import viewer

FOLDER = Path(__file__).parent
KNOWN = f"{RADIOLOGICAL} L and R are taken from the file's affine."
UNKNOWN_SIDE = "The file does not say which side is left, so the letters are question marks."

MIRRORED = (
    "Drawn in the same convention, with the midline at the right edge: the right hemisphere is not mirrored, the left "
    "hemisphere is mirrored at the midline."
)
NO_FINDING = "None: no place of the map stands out."
ONE_MIRRORED = "One hemisphere is mirrored at the midline; the file does not say which side is left."


def scan_page(
    result: Mapping[str, Any], data: Mapping[str, Any], reference: Sequence[float], with_viewer: bool = True
) -> str:
    """Return the report of a scan that was scored, as HTML that needs no other file.

    Args:
        result: see :class:`bundle.predict.scan_result.ScanResult`.
        data: of the pipeline, see :class:`bundle.predict.pipeline.ScanData`.
        reference: scores of normal scans; may be empty.
        with_viewer: add the viewer, if the scan is a volume.
    """
    side_known = not result["facts"].get("affine")
    convention = KNOWN if side_known else UNKNOWN_SIDE
    volume = data["head"].ndim == 4  # a single slice has no planes
    word = result["comparison"]["word"]
    return template("scan.html").substitute(
        level="high" if word in WORDS else "",
        statement=escape(statement(result)),
        among=_among(result, reference),
        findings=_findings(data, result, convention) if volume else "",
        viewer=viewer(data, result) if with_viewer and volume else "",
        planes=_planes(data, result, convention) if volume else "",
        hemispheres=_pictures(hemispheres(data, result)),
        profile=slice_profile(result),
        style=(FOLDER / "style.css").read_text(encoding="utf-8"),
        case=escape(result["case"]),
        status=result["status"],
        note=result["note"],
        tiles="".join(f"<div class='tile'><span>{name}</span><b>{value}</b></div>" for name, value in _tiles(result)),
        reasons=_reasons(result),
        mirrored=MIRRORED if side_known else ONE_MIRRORED,
        first="the left hemisphere" if side_known else "hemisphere A",
        quality=_quality(result),
        version=result["versions"]["neonatal_brain_symmetry"],
        device=result["device"],
        weights=", ".join(f"{name} {value[:12]}" for name, value in result["sha256"].items()),
    )


def table(header: Iterable[str], rows: Iterable[tuple[bool, Iterable[str]]]) -> str:
    """Return an HTML table. Cells are HTML.

    Args:
        header: cells of the header.
        rows: for each row whether it is highlighted, and its cells.
    """
    head = "".join(f"<th>{cell}</th>" for cell in header)
    body = "".join(
        f"<tr{' class=broken' if highlighted else ''}>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>"
        for highlighted, cells in rows
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _findings(data: Mapping[str, Any], result: Mapping[str, Any], convention: str) -> str:
    """Return the section with the places that stand out, each on three planes."""
    blocks = []
    for number, finding in enumerate(result["findings"], start=1):
        if finding["peak_ras_mm"] is not None or number == 1:  # without a side, only the highest can be found
            pictures = _pictures(planes(data, result, with_map=True, at=finding["peak_ras_mm"]))
            blocks.append(f"<h3>{number}. {escape(finding_words(finding))}</h3><div class='three'>{pictures}</div>")
    return template("findings.html").substitute(
        blocks="".join(blocks) or f"<p>{NO_FINDING}</p>", convention=convention, lowest=LOWEST
    )


def _planes(data: Mapping[str, Any], result: Mapping[str, Any], convention: str) -> str:
    """Return the section with the planes of the scan itself."""
    pictures = _pictures(planes(data, result, with_map=False))
    return template("planes.html").substitute(scan=pictures, convention=convention)


def _pictures(pictures: Mapping[str, str]) -> str:
    return "".join(image_tag(name, picture) for name, picture in pictures.items())


def _tiles(result: Mapping[str, Any]) -> list[tuple[str, str]]:
    percentile, index = result["comparison"]["percentile"], result["volumes"]["asymmetry_index"]
    return [
        ("percentile among normal scans", "–" if percentile is None else f"{percentile:.0f}"),
        ("side", result["side"]),
        ("places that stand out", f"{len(result['findings'])}"),
        ("asymmetry index of the volumes", "–" if index is None else f"{index:+.3f}"),
        ("score of the network", f"{result['score']:.2f}"),
    ]


def _reasons(result: Mapping[str, Any]) -> str:
    items = "".join(
        f"<li><b>{reason['code'].replace('_', ' ')}</b>: {escape(reason['message'])}</li>"
        for reason in result["reasons"]
    )
    return f"<section><h2>Warnings of the quality control</h2><ul>{items}</ul></section>" if items else ""


def _among(result: Mapping[str, Any], reference: Sequence[float]) -> str:
    comparison = result["comparison"]
    note = escape(comparison["note"])
    if not reference or comparison["word"] == UNKNOWN:
        return f"<p class='soft'>{note[:1].upper()}{note[1:]}.</p>"
    caption = f"Scores of {len(reference)} normal scans (reference: {escape(comparison['reference'])}). {note}"
    picture = image_tag("The score among those of normal scans", among_normal(result, reference))
    return f"<figure>{picture}<figcaption>{caption}</figcaption></figure>"


def _quality(result: Mapping[str, Any]) -> str:
    """Return the table of all rules of quality control, with the measured values."""
    index = result["volumes"]["absolute_asymmetry_index"]
    measured = {**result["facts"], **result["midline"], "asymmetry_index": index}
    broken = {reason["code"] for reason in result["reasons"]}
    rows = []
    for rule in RULES:
        value = measured.get(rule.measurement)
        if value is not None:
            low, high = ("" if limit is None else f"{limit:g}" for limit in (rule.low, rule.high))
            limits = f"{low} to {high}" if low and high else f"at least {low}" if low else f"at most {high}"
            verdict = "warning" if rule.code in broken else "passed"
            rows.append((rule.code in broken, (rule.code.replace("_", " "), f"{value:.3g}", limits, verdict)))
    return table(("check", "measured", "allowed", "result"), rows)
