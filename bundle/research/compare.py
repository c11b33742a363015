"""The verb ``compare``: two evaluations of the same lesions in the same slices, before and after fine-tuning."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from scripts.atomic_write import write_text
from scripts.disclaimer import RESEARCH_ONLY, SIMULATED
from scripts.evaluation.measures import MEASURES
from scripts.evaluation.roc import Resampled, interval, performance, share_above

from .markdown import markdown_table

SAME = ("lesion_type", "size", "case", "slice", "subject")
"""Columns that two evaluations must agree in, row by row."""

COMPARED = ("auc", "sensitivity")
"""Keys of the measures that are compared."""


def compare(before: str, after: str) -> str:
    """Compare two evaluations of ``configs/evaluate.json``, and write ``compared.json`` and ``.md`` to the second.

    Args:
        before: folder of the first evaluation, with ``scores.json``.
        after: folder of the second.

    Returns:
        The table, in Markdown: for every lesion type and size both values and their difference, with 95 % intervals
        over the subjects, which are the same in both.

    Raises:
        FileNotFoundError: if a folder holds no evaluation.
        ValueError: if they are not of the same lesions in the same slices.
    """
    report = compared(_read(Path(before)), _read(Path(after)))
    table = as_markdown(report)
    write_text(Path(after) / "compared.md", table)
    write_text(Path(after) / "compared.json", json.dumps(report, indent=1) + "\n")
    return table


def compared(before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    """Compare two contents of ``scores.json``; see :func:`compare`.

    Returns:
        JSON-safe: ``subjects``, and ``rows`` with ``lesion_type``, ``size`` and for every measure [value, lower,
        upper] of ``before``, ``after`` and ``difference``; and ``false_positive_rate`` of the normal slices likewise.
    """
    runs = (before, after)
    for name in SAME:
        first, second = (run["columns"][name] for run in runs)
        if first != second:
            raise ValueError(
                f"The evaluations differ in '{name}': expected the same lesions in the same slices. "
                "Evaluate both weights with the same data, seed, sizes and spacing."
            )
    columns = before["columns"]
    lesion_type, size = np.array(columns["lesion_type"]), np.asarray(columns["size"], dtype=float)
    names, subject = np.unique(columns["subject"], return_inverse=True)
    normal = lesion_type == "normal"
    scores = [np.asarray(run["columns"]["score"], dtype=float) for run in runs]
    rows: list[dict[str, Any]] = []
    for name in dict.fromkeys(lesion_type[~normal & ~np.char.startswith(lesion_type, "bilateral")].tolist()):
        for length in dict.fromkeys(size[lesion_type == name].tolist()):
            here = (lesion_type == name) & (size == length)
            measured = [
                performance(score[here], subject[here], score[normal], subject[normal], float(run["threshold"]))
                for score, run in zip(scores, runs, strict=True)
            ]
            both = {measure: _both(*(one[measure] for one in measured)) for measure in COMPARED}
            rows.append({"lesion_type": name, "size": length, **both})
    false_positives = [
        share_above(score[normal], subject[normal], float(run["threshold"]), len(names))
        for score, run in zip(scores, runs, strict=True)
    ]
    return {
        "note": f"{SIMULATED} {RESEARCH_ONLY}",
        "subjects": len(names),
        "rows": rows,
        "false_positive_rate": _both(*false_positives),
    }


def as_markdown(report: dict[str, Any]) -> str:
    """Lay a comparison out."""
    header = ["lesion_type", "size", *(f"{MEASURES[name].head}: before, after, difference (95 %)" for name in COMPARED)]
    rows = [
        [row["lesion_type"], f"{row['size']:g}", *(_cell(row[name]) for name in COMPARED)] for row in report["rows"]
    ]
    return (
        f"{markdown_table(header, rows)}\n"
        f"False-positive rate at each network's own threshold: {_cell(report['false_positive_rate'])}. "
        f"Intervals over {report['subjects']} test subjects, the same before and after. {report['note']}\n"
    )


def _both(before: Resampled, after: Resampled) -> dict[str, list[float]]:
    parts = {"before": before, "after": after, "difference": after - before}
    return {name: [round(value, 4) for value in interval([part])] for name, part in parts.items()}


def _cell(both: dict[str, list[float]]) -> str:
    low, high = both["difference"][1:]
    return f"{both['before'][0]:.2f}, {both['after'][0]:.2f}, {both['difference'][0]:+.2f} ({low:+.2f} to {high:+.2f})"


def _read(folder: Path) -> dict[str, Any]:
    file = folder / "scores.json"
    if not file.exists():
        raise FileNotFoundError(f"{file}: not found. Run the evaluation first, or name its folder.")
    return json.loads(file.read_text(encoding="utf-8"))
