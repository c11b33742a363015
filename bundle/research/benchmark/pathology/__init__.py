"""The verb ``benchmark pathology``: which one-sided pathologies are seen, drawn into normal scans of a folder."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

LEVELS = ("mild", "moderate", "severe")
"""The usual severities of a row of the table of pathologies, lowest first."""

BILATERAL = "both sides"
"""Level of a hard negative: of moderate severity, and on both sides alike."""

SOME_FAILED = 1
"""Exit code if a scan failed."""


def pathology(
    dataset_dir: str,
    output_dir: str = "benchmark",
    networks: str | None = None,
    levels: Sequence[str] = ("moderate", BILATERAL),
    kinds: Sequence[str] = (),
    at_once: int | None = None,
) -> None:
    """Draw every pathology into normal scans, score them, and write pathology.json. Exit code: 0, or 1 if one failed.

    Args:
        dataset_dir: a folder of scans (BIDS or not), or a datalist JSON.
        output_dir: where the results go; what was measured there before is not measured again.
        networks: JSON list of {"subjects", "model", "skull_strip"}, see ``benchmark newborns``; by default the shipped
            weights measure all.
        levels: of severity: mild, moderate, severe; and "both sides", which is no asymmetry.
        kinds: of pathologies; all by default.
        at_once: processes at a time; 0 works in this process; by default one for each core, up to four.

    Raises:
        ValueError: if there is no such level or kind.
    """
    report = measure(dataset_dir, Path(output_dir), networks, tuple(levels), tuple(kinds), at_once)
    from .printed import as_text

    print(as_text(report))
    print(Path(output_dir) / "pathology.json")
    if report["failed"]:
        sys.exit(SOME_FAILED)


def measure(
    dataset_dir: str,
    output_dir: Path,
    networks: str | None = None,
    levels: Sequence[str] = ("moderate", BILATERAL),
    kinds: Sequence[str] = (),
    at_once: int | None = None,
) -> dict[str, Any]:
    """Measure, and write ``pathology.json``; the arguments are those of :func:`pathology`."""
    from scripts.atomic_write import write_text
    from scripts.disclaimer import RESEARCH_ONLY
    from scripts.simulation.pathology.rows import PATHOLOGIES

    from ..newborns.dataset import read_cases
    from ..newborns.each_case import measure_each
    from .scan import NORMAL, score_kind
    from .summary import normal_p_values, summary

    for name, values, known in (
        ("level", levels, (*LEVELS, BILATERAL)),
        ("pathology", kinds, tuple(PATHOLOGIES)),
    ):
        for value in values:
            if value not in known:
                raise ValueError(f"There is no {name} {value!r}. Choose one of: {', '.join(known)}.")
    cases = read_cases(dataset_dir, networks)
    drawn = [
        {**case, "case": f"{case['case']}, {kind}", "scan": case["case"], "kind": kind, "levels": list(levels)}
        for case in cases
        for kind in (NORMAL, *(kinds or PATHOLOGIES))
    ]
    rows, failed = measure_each(score_kind, drawn, output_dir / "pathology", at_once)
    report: dict[str, Any] = {
        "note": f"Normal scans; pathologies are simulated. {RESEARCH_ONLY}",
        "subjects": len({case["subject"] for case in cases}),
        "scans": len(cases),
        "kinds": summary(rows),
        "p_values": normal_p_values(rows),
        "failed": failed,
    }
    write_text(output_dir / "pathology.json", json.dumps(report, indent=1, allow_nan=False) + "\n")
    return report
