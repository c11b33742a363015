"""The tables of the pathologies: what they are, and which are seen."""

from __future__ import annotations

from typing import Any

from ..markdown import MISSING, markdown_table, with_interval
from .tables_newborn_scans import GROUPS
from .values import percent


def pathologies(result: dict[str, Any]) -> str:
    """Lay out a row for each pathology: what it is, its place, severities, signals and source."""
    header = ["kind", "what it is", "place", "usual severities", "T1", "T2", "source"]
    rows = []
    for kind, row in result["rows"].items():
        levels = ", ".join(f"{level:g}" for level in row["severities"])
        words = [row["words"], row["place"], f"{levels} {row['unit']}", row["t1"], row["t2"], row["source"]]
        rows.append([f"`{kind}`", *words])
    return markdown_table(header, rows)


LEVEL, TWINS = "moderate", "both sides"


def seen(result: dict[str, Any]) -> str:
    """Lay out how well each pathology is seen, a row for each, of T1 and T2 together and apart."""
    header = [
        *("kind", "severity", "AUC", "T1", "T2", "baseline AUC", "sensitivity at 5 %", "side correct if found"),
        *("peak within 5 mm if found", "both sides alike"),
    ]
    rows = []
    for kind, levels in result["kinds"]["all"].items():
        row, apart = levels[LEVEL], [result["kinds"].get(group, {}).get(kind) for group in GROUPS if group != "all"]
        rows.append(
            [
                f"`{kind}`",
                f"{row['severity']:g} {result['units'][kind]}",
                with_interval(row["auc"]),
                *(_short(one and one[LEVEL]["auc"]) for one in apart),
                _short(row["baseline_auc"]),
                with_interval(row["sensitivity"]),
                *(_short(row[name]) for name in ("side_correct", "hit")),
                _share(levels[TWINS]["above"]),
            ]
        )
    return markdown_table(header, rows)


def p_values(result: dict[str, Any]) -> str:
    """Lay out how many normal scans have a p value below some limits, beside how many should."""
    rows = []
    for group, title in GROUPS.items():
        found = result["p_values"].get(group)
        if found:
            cells = [
                f"{percent(share)} ({percent(low)[:-2]}–{percent(high)})" for _, share, low, high in found["observed"]
            ]
            rows.append([title, str(found["scans"]), *cells, f"{found['distance']:.2f}"])
    limits = [f"below {percent(share)}" for share, *_ in result["p_values"]["all"]["observed"]]
    return markdown_table(["", "normal scans", *limits, "Kolmogorov–Smirnov distance"], rows)


def _short(estimate: list[float | None] | None) -> str:
    return MISSING if not estimate or estimate[0] is None else f"{estimate[0]:.2f}"


def _share(estimate: list[float] | None) -> str:
    return percent(estimate[0]) if estimate else MISSING
