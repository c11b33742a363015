"""The table of an evaluation: for every kind and size of asymmetry, how well it is seen."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from ignite.engine import Engine, Events
from numpy.typing import NDArray
from torch import nn

from .baseline import difference_score
from .calibration import calibration
from .collect import CollectScores
from .performance import Interval, Resampled, interval, performance, share_above
from .psychometric import psychometric

RESEARCH_ONLY = "Research use only, not for clinical use."
SIMULATED = "The asymmetries are simulated; no diseased newborn was scanned for these figures."
COLUMNS = (
    *("kind", "size", "slices", "subjects", "auc", "accuracy", "sensitivity"),
    *("right_half", "right_half_of_found", "peak_of_found", "baseline_auc"),
)
FEWEST_SIZES = 3
"""Of a kind, for a curve over the sizes."""

NUMBERS = ("score", "baseline", "right_half", "peak")

Flags = NDArray[np.bool_]


class ReportBySize:
    """Print and write how well each kind and size is seen; a handler of the evaluator.

    Writes ``by_size.tsv``, ``by_size.json`` and ``by_size.png`` to ``output_dir``, whole or not at all, and the scores
    that they are made of, slice by slice, as ``scores.json``.

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
        table = self.collect.table()
        report = by_size([table], [float(network.threshold)])
        report["scale"] = self.scale
        print(as_text(report))
        self.output_dir.mkdir(parents=True, exist_ok=True)
        scores = {name: v.tolist() if isinstance(v, torch.Tensor) else v for name, v in table.items()}
        write(self.output_dir / "scores.json", json.dumps({"threshold": report["thresholds"][0], "columns": scores}))
        write(self.output_dir / "by_size.json", json.dumps(report, indent=2) + "\n")
        write(self.output_dir / "by_size.tsv", as_tsv(report))
        from .figure import accuracy_by_size  # matplotlib is heavy, and only evaluation draws

        accuracy_by_size(report, self.output_dir / "by_size.png")


def by_size(tables: Sequence[dict[str, Any]], thresholds: Sequence[float]) -> dict[str, Any]:
    """Summarise the scores of one or more runs (seeds) on the same slices.

    Args:
        tables: columns of each run, see :class:`scripts.collect.CollectScores`.
        thresholds: of each run's network.

    Returns:
        JSON-safe: ``rows`` (one for each kind and size; estimates as [value, lower, upper], 95 % intervals over
        subjects of the mean over runs), ``false_positives`` on normal and bilateral slices at the threshold, the
        thresholds. A row's ``right_half`` is the share of all its lesions, ``right_half_of_found`` that of those above
        the threshold, ``peak_of_found`` of how many of those the evidence peaks in the lesion; None where a run found
        none. For each kind, ``psychometric`` says which size is seen (``scripts.psychometric``), and ``calibration``
        how far the scores are probabilities (``scripts.calibration``).

    Raises:
        ValueError: if there is no normal slice to compare with.
    """
    first = tables[0]
    kind, size = np.array(first["kind"]), np.asarray(first["size"], dtype=float)
    names, subject = np.unique(first["subject"], return_inverse=True)
    normal, symmetric = kind == "normal", np.char.startswith(kind, "bilateral")
    if not normal.any():
        raise ValueError("The evaluation has no condition of kind 'normal' to compare with; add one to 'conditions'.")
    runs = [
        ({k: np.asarray(table[k], dtype=float) for k in NUMBERS if k in table}, threshold)
        for table, threshold in zip(tables, thresholds, strict=True)
    ]

    def compare(here: Flags, name: str) -> dict[str, Resampled]:
        each = [
            performance(run[name][here], subject[here], run[name][normal], subject[normal], threshold)
            for run, threshold in runs
        ]
        return {figure: np.mean([one[figure] for one in each], axis=0) for figure in each[0]}

    def share(here: Flags, name: str, only_found: bool) -> Interval | None:
        each = []
        for run, threshold in runs:
            part = here & (run["score"] > threshold) if only_found else here
            if not part.any():
                return None
            each.append(share_above(run[name][part], subject[part], 0.5, len(names)))
        return interval(each)

    rows, curves, reliability = [], {}, {}
    for name in dict.fromkeys(kind[~normal & ~symmetric].tolist()):
        sizes = list(dict.fromkeys(size[kind == name].tolist()))
        seen, counts = [], []
        for s in sizes:
            here = (kind == name) & (size == s)
            row: dict[str, Any] = {"kind": name, "size": s, "slices": int(here.sum())}
            row["subjects"] = len(set(subject[here].tolist()))
            figures = compare(here, "score")
            seen.append(figures["sensitivity"])
            counts.append(row["slices"])
            row.update({figure: interval([values]) for figure, values in figures.items()})
            row["right_half"] = share(here, "right_half", only_found=False)
            row["right_half_of_found"] = share(here, "right_half", only_found=True)
            row["peak_of_found"] = share(here, "peak", only_found=True)
            if "baseline" in runs[0][0]:
                row["baseline_auc"] = interval([compare(here, "baseline")["auc"]])
            rows.append({key: list(value) if isinstance(value, tuple) else value for key, value in row.items()})
        if len(sizes) >= FEWEST_SIZES:
            curves[name] = psychometric(np.array(sizes), np.stack(seen), np.array(counts))
        scores = [np.concatenate([run["score"][of] for run, _ in runs]) for of in (kind == name, normal)]
        reliability[name] = calibration(*scores)
    alarms = {}
    for name in dict.fromkeys(kind[normal | symmetric].tolist()):
        here = kind == name
        above = [share_above(run["score"][here], subject[here], threshold, len(names)) for run, threshold in runs]
        alarms[name] = list(interval(above))
    return {
        "note": f"{SIMULATED} {RESEARCH_ONLY}",
        "runs": len(runs),
        "thresholds": list(thresholds),
        "normal_slices": int(normal.sum()),
        "false_positives": alarms,
        "rows": rows,
        "psychometric": curves,
        "calibration": reliability,
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
        lines.append(f"{row['kind']:<10}{row['size']:>9g}{cells}{row['right_half'][0]:>12.2f}{places}{plain}")
    for name, share in report["false_positives"].items():
        lines.append(f"false positives at the shipped threshold, {name} slices: {_cell(share)}")
    for name, fit in report["psychometric"].items():
        found = ", ".join(f"{float(level):.0%} from {as_size(size)}" for level, size in fit["sizes"].items())
        lines.append(f"{name} lesions are seen at 5 % false positives: {found} {unit}")
    for name, fit in report["calibration"].items():
        lines.append(f"{name} lesions: expected calibration error {fit['ece']:.3f}, Brier score {fit['brier']:.3f}")
    lines.append(f"In brackets: 95 % intervals, bootstrap over subjects. {report['note']}")
    return "\n".join(lines)


def as_size(size: Sequence[float | None]) -> str:
    """Write a size with its interval; what lies beyond the largest size tested is not known."""
    value, low, high = ("beyond" if part is None else f"{part:.1f}" for part in size)
    return f"{value} ({low}–{high})"


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
