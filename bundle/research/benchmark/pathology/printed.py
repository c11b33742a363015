"""The result as a short table for the console."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from scripts.disclaimer import RESEARCH_ONLY
from scripts.evaluation.tables import MISSING

from . import BILATERAL


def as_text(report: Mapping[str, Any]) -> str:
    """Return a line for every kind and level of all scans together, and what failed."""
    titles = ("AUC", "of the score", "of the volumes", "sensitivity at 5 %", "side correct, peak near")
    lines = [f"{'':32}{'level':12}{''.join(f'{title:22}' for title in titles)}"]
    for kind, levels in report["kinds"].get("all", {}).items():
        for level, row in levels.items():
            if level == BILATERAL:
                lines.append(f"{kind:32}{level:12}{_text(row['above'])} above the threshold of the normal scans")
            else:
                cells = (_text(row[name]) for name in ("auc", "auc_of_score", "baseline_auc", "sensitivity"))
                found = (_text(row[name], False) for name in ("side_correct", "hit"))
                lines.append(f"{kind:32}{level:12}{''.join(f'{cell:22}' for cell in cells)}{', '.join(found)}")
    lines += [f"{one['case']}: failed: {one['error']}" for one in report["failed"]]
    return "\n".join([*lines, f"In brackets: 95 % intervals over {report['subjects']} subjects. {RESEARCH_ONLY}"])


def _text(estimate: Sequence[float | None] | None, with_interval: bool = True) -> str:
    if not estimate:
        return MISSING
    value, low, high = (MISSING if part is None else f"{part:.2f}" for part in estimate)
    return f"{value} ({low} to {high})" if with_interval else value
