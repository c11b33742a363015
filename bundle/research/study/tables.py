"""From the scores of a study's runs to its tables and figures."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from scripts.atomic_write import write_text
from scripts.evaluation.summary import EvaluationReport, by_size

from ..common_threshold import at_common_threshold
from ..crossvalidate.train import MASKS
from .cost import COST
from .folds import pairs_seen
from .markdown import as_markdown
from .plan import RUNS, Run
from .scores import SCORES


def write_tables(
    runs: Sequence[Run], folder: Path, budget: str, file: Path = RUNS, data: str | None = None
) -> list[Path]:
    """Write ``<table>.json``, ``.md`` and ``.png`` for every table to the study's folder.

    Args:
        runs: the runs of the study, all of them done.
        folder: of the study.
        budget: its name, stated with every table.
        file: JSON that lists the runs, with the titles and measures of the tables.
        data: ``dataset_dir`` of the study, if it was given one, to be stated.

    Returns:
        The files written.
    """
    from .figures import FIGURES  # matplotlib is heavy

    written = []
    for name in dict.fromkeys(run.table for run in runs):
        table = {**tabulate(name, runs, folder, file), "budget": budget, **({"dataset_dir": data} if data else {})}
        write_text(folder / f"{name}.json", json.dumps(table, indent=1) + "\n")
        write_text(folder / f"{name}.md", as_markdown(table))
        written += [folder / f"{name}.json", folder / f"{name}.md"]
        if "figure" in table:
            FIGURES[table["figure"]](table, folder / f"{name}.png")
            written.append(folder / f"{name}.png")
    return written


def tabulate(name: str, runs: Sequence[Run], folder: Path, file: Path = RUNS) -> dict[str, Any]:
    """Average every variant of a table over its seeds, the folds of each taken as one run; intervals are over subjects.

    Args:
        name: of the table.
        runs: of the study; those of other tables are ignored.
        folder: of the study.
        file: JSON that lists the runs.

    Returns:
        JSON-safe: ``table``, ``title``, ``measures``, ``lesions``, ``figure`` (if any), ``seeds``, ``settings`` (those
        that all runs share), ``variants`` (name → :func:`scripts.evaluation.summary.by_size`) and ``costs``. In folds
        also ``folds``, their number, and ``pairs``, how many a training sees on average.
    """
    row = json.loads(file.read_text())["tables"].get(name, {})
    mine = [run for run in runs if run.table == name]
    variants: dict[str, Any] = {}
    costs: dict[str, Any] = {}
    for variant in dict.fromkeys(run.variant for run in mine):
        of_variant = [run for run in mine if run.variant == variant]
        variants[variant] = _report(of_variant, folder)
        timed = next((run for run in of_variant if run.cost), None)
        if timed is not None:
            costs[variant] = json.loads((folder / timed.path / COST).read_text())
    common = dict(mine[0].settings)
    differing = {key for run in mine for key in run.settings if run.settings[key] != common.get(key)}
    return {
        "table": name,
        "title": row.get("title", name),
        "measures": row.get("measures", ["auc"]),
        "lesions": row.get("lesions", ["physical", "painted"]),
        **({"figure": row["figure"]} if "figure" in row else {}),
        "seeds": sorted({run.seed for run in mine}),
        "settings": {key: value for key, value in common.items() if key not in differing | {"seed", *MASKS}},
        **_folds(mine),
        "variants": variants,
        **({"costs": costs} if costs else {}),
    }


def _report(runs: Sequence[Run], folder: Path) -> EvaluationReport:
    """Summarise the runs of a variant. The folds of a seed are one run, with their scores at a common threshold."""
    of_seed: dict[int, list[Any]] = {}
    for run in sorted(runs, key=lambda run: (run.seed, run.fold or 0)):
        of_seed.setdefault(run.seed, []).append(json.loads((folder / run.path / SCORES).read_text()))
    each = [at_common_threshold(parts) for parts in of_seed.values()]
    return by_size([one.columns for one in each], [one.threshold for one in each])


def _folds(runs: Sequence[Run]) -> dict[str, int]:
    """Return the number of folds, and how many pairs a training sees on average; nothing without folds."""
    folds = {run.fold: run for run in runs if run.fold is not None}
    if not folds:
        return {}
    return {"folds": len(folds), "pairs": round(sum(map(pairs_seen, folds.values())) / len(folds))}
