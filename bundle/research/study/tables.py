"""From the scores of a study's runs to its tables and figures, and to the pages that show them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from scripts.atomic_write import write_text
from scripts.evaluation.subgroups import split
from scripts.evaluation.summary import by_size

from ..pages import fill_pages
from .cost import COST
from .markdown import as_markdown, brief
from .plan import ALL, RUNS, Run

SCORES = "scores.json"


def write_tables(
    runs: Sequence[Run], folder: Path, docs: Path, budget: str, file: Path = RUNS, data: str | None = None
) -> list[Path]:
    """Write ``<table>.json``, ``.md`` and ``.png`` for every table, and fill in the pages beside ``docs`` that name it.

    A page shows the gist; how it names a table, see ``bundle.research.pages.fill``.

    Args:
        runs: the runs of the study, all of them done.
        folder: of the study.
        docs: where to write.
        budget: its name, stated with every table.
        file: JSON that lists the runs, with the titles and measures of the tables.
        data: ``dataset_dir`` of the study, if it was given one, to be stated.

    Returns:
        The files written.
    """
    from .figures import FIGURES  # matplotlib is heavy

    docs.mkdir(parents=True, exist_ok=True)
    rows = json.loads(file.read_text())["tables"]
    written = []
    for name in dict.fromkeys(run.table for run in runs):
        about = rows.get(name, {})
        head = {"table": name, "title": about.get("title", name), "budget": budget}
        head |= {key: about[key] for key in ("weights", "page") if key in about}
        head |= {"dataset_dir": data} if data else {}
        table = {
            **head,
            "measures": about.get("measures", ["balanced_accuracy"]),
            **summarise([run for run in runs if run.table == name], folder, about.get("by", [])),
        }
        write_text(docs / f"{name}.json", json.dumps(table, indent=1) + "\n")
        write_text(docs / f"{name}.md", as_markdown(table))
        written += [docs / f"{name}.json", docs / f"{name}.md"]
        if "figure" in about:
            FIGURES[about["figure"]](table, docs / f"{name}.png")
            written.append(docs / f"{name}.png")
        written += fill_pages([docs.parent], name, brief(table, f"{docs.name}/{name}.md"))
    return written


def summarise(runs: Sequence[Run], folder: Path, by: Sequence[str] = ()) -> dict[str, Any]:
    """Average every variant over its seeds; intervals are over subjects.

    Args:
        runs: of one table.
        folder: of the study.
        by: groupings (``scripts.evaluation.subgroups``) that every variant is shown in, too.
    """
    variants: dict[str, Any] = {}
    costs: dict[str, Any] = {}
    for variant in dict.fromkeys(run.variant for run in runs):
        paths = [folder / run.path for run in runs if run.variant == variant]
        each = [json.loads((path / SCORES).read_text()) for path in paths]
        columns, thresholds = [one["columns"] for one in each], [one["threshold"] for one in each]
        variants[variant] = by_size(columns, thresholds)
        prefix = "" if variant == ALL else f"{variant}, "
        for grouping in by:
            parts = [split(one, grouping) for one in columns]
            for part in parts[0]:
                variants[f"{prefix}{grouping}: {part}"] = by_size([one[part] for one in parts], thresholds)
        if (paths[0] / COST).exists():
            costs[variant] = json.loads((paths[0] / COST).read_text())
    common = dict(runs[0].train)
    differing = {key for run in runs for key in run.train if run.train[key] != common.get(key)}
    settings = {key: value for key, value in common.items() if key not in differing | {"seed"}}
    table = {"seeds": sorted({run.seed for run in runs}), "settings": settings, "variants": variants}
    return {**table, "costs": costs} if costs else table
