"""The table of an evaluation: for every kind and size of asymmetry, how well it is seen."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from ignite.engine import Engine, Events
from torch import nn

from .baseline import difference_score
from .collect import CollectScores
from .performance import Interval, performance, share_above

RESEARCH_ONLY = "Research use only, not for clinical use."
SIMULATED = "The asymmetries are simulated; no diseased newborn was scanned for these figures."
COLUMNS = (
    *("kind", "size", "slices", "subjects", "auc", "accuracy", "sensitivity"),
    *("right_half", "right_half_of_found", "peak_of_found", "baseline_auc"),
)


class ReportBySize:
    """Print and write how well each kind and size is seen; a handler of the evaluator.

    Writes ``by_size.tsv``, ``by_size.json`` and ``by_size.png`` to ``output_dir``, whole or not at all.

    Args:
        network: whose ``threshold`` makes the accuracy.
        output_dir: made if it is missing.
        scale: unit of the sizes, for the headings: ``side_mm`` or ``area_mm2``.
    """

    def __init__(self, network: nn.Module, output_dir: str, scale: str = "side_mm") -> None:
        self.network, self.output_dir, self.scale = network, Path(output_dir), scale
        self.collect = CollectScores(baseline=difference_score)

    def attach(self, engine: Engine) -> None:
        """Collect the scores, and subscribe to the end of the evaluation."""
        self.collect.attach(engine)
        engine.add_event_handler(Events.COMPLETED, self)

    def __call__(self, engine: Engine) -> None:
        network: Any = getattr(self.network, "module", self.network)
        report = by_size(self.collect.table(), float(network.threshold))
        report["scale"] = self.scale
        print(as_text(report))
        self.output_dir.mkdir(parents=True, exist_ok=True)
        write(self.output_dir / "by_size.json", json.dumps(report, indent=2) + "\n")
        write(self.output_dir / "by_size.tsv", as_tsv(report))
        from .figure import accuracy_by_size  # matplotlib is heavy, and only evaluation draws

        accuracy_by_size(report, self.output_dir / "by_size.png")


def by_size(table: dict[str, Any], threshold: float) -> dict[str, Any]:
    """Summarise collected scores; see :class:`scripts.collect.CollectScores` for the columns.

    Returns:
        JSON-safe: ``rows`` (one for each kind and size; estimates as [value, lower, upper], 95 % intervals over
        subjects), ``false_positives`` on normal and bilateral slices at the threshold, and the threshold. A row's
        ``right_half`` is the share of all its lesions, ``right_half_of_found`` that of those above the threshold,
        ``peak_of_found`` of how many of those the evidence peaks in the lesion; None where none was found.

    Raises:
        ValueError: if there is no normal slice to compare with.
    """
    kind, size = np.array(table["kind"]), np.asarray(table["size"], dtype=float)
    score = np.asarray(table["score"], dtype=float)
    baseline = np.asarray(table["baseline"], dtype=float) if "baseline" in table else None
    places = {name: np.asarray(table[name], dtype=float) for name in ("right_half", "peak")}
    _, subject = np.unique(table["subject"], return_inverse=True)
    normal, symmetric = kind == "normal", np.char.startswith(kind, "bilateral")
    if not normal.any():
        raise ValueError("The evaluation has no condition of kind 'normal' to compare with; add one to 'conditions'.")
    rows = []
    for name in dict.fromkeys(kind[~normal & ~symmetric].tolist()):
        for s in dict.fromkeys(size[kind == name].tolist()):
            here = (kind == name) & (size == s)
            figures = performance(score[here], subject[here], score[normal], subject[normal], threshold)
            row: dict[str, Any] = {"kind": name, "size": s, "slices": int(here.sum())}
            row["subjects"] = len(set(subject[here].tolist()))
            row.update({f: list(getattr(figures, f)) for f in ("auc", "accuracy", "sensitivity")})
            row["right_half"] = float(places["right_half"][here].mean())
            found = here & (score > threshold)
            for place, right in places.items():
                row[f"{place}_of_found"] = list(share_above(right[found], subject[found], 0.5)) if found.any() else None
            if baseline is not None:
                plain = performance(baseline[here], subject[here], baseline[normal], subject[normal], 0.0)
                row["baseline_auc"] = list(plain.auc)
            rows.append(row)
    alarms = {
        name: list(share_above(score[kind == name], subject[kind == name], threshold))
        for name in dict.fromkeys(kind[normal | symmetric].tolist())
    }
    return {
        "note": f"{SIMULATED} {RESEARCH_ONLY}",
        "threshold": threshold,
        "normal_slices": int(normal.sum()),
        "false_positives": alarms,
        "rows": rows,
    }


def as_text(report: dict[str, Any]) -> str:
    """Lay the report out as a table for the terminal."""
    unit = report["scale"].replace("side_mm", "side mm").replace("area_mm2", "area mm²")
    lines = [
        f"{'kind':<10}{unit:>9}{'AUC':>20}{'accuracy':>20}{'sens. at 5 % FP':>20}"
        f"{'right half':>12}{'of found':>10}{'peak in it':>12}{'baseline AUC':>14}"
    ]
    for row in report["rows"]:
        cells = "".join(f"{_cell(row[name]):>20}" for name in ("auc", "accuracy", "sensitivity"))
        places = "".join(
            f"{row[name][0]:>{width}.2f}" if row[name] else f"{'–':>{width}}"
            for name, width in (("right_half_of_found", 10), ("peak_of_found", 12))
        )
        plain = f"{row['baseline_auc'][0]:>14.2f}" if "baseline_auc" in row else ""
        lines.append(f"{row['kind']:<10}{row['size']:>9g}{cells}{row['right_half']:>12.2f}{places}{plain}")
    for name, share in report["false_positives"].items():
        lines.append(f"false positives at the shipped threshold, {name} slices: {_cell(share)}")
    lines.append(f"In brackets: 95 % intervals, bootstrap over subjects. {report['note']}")
    return "\n".join(lines)


def as_tsv(report: dict[str, Any]) -> str:
    """Lay the rows out as tab-separated values; intervals as ``_low`` and ``_high`` columns."""
    flat = []
    for row in report["rows"]:
        line: dict[str, Any] = {}
        for name in (c for c in COLUMNS if c in row):
            if isinstance(row[name], list) or row[name] is None:
                interval = row[name] or ["n/a"] * 3
                line.update(zip((name, f"{name}_low", f"{name}_high"), interval, strict=True))
            else:
                line[name] = row[name]
        flat.append(line)
    lines = ["\t".join(flat[0])] if flat else []
    lines += ["\t".join(f"{v:.4g}" if isinstance(v, float) else str(v) for v in line.values()) for line in flat]
    return "\n".join(lines) + "\n"


def write(path: Path, text: str) -> None:
    """Write a file whole or not at all."""
    partial = path.with_name(path.name + ".partial")
    partial.write_text(text, encoding="utf-8")
    partial.replace(path)


def _cell(interval: Sequence[float] | Interval) -> str:
    value, low, high = interval
    return f"{value:.2f} ({low:.2f}–{high:.2f})"
