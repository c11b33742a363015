"""The study: small trainings that differ in one thing, three seeds each."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from scripts.disclaimer import RESEARCH_ONLY, SIMULATED

from ...study import do_all, plan
from ...study.figures import FIGURES
from ...study.tables import tabulate
from ..compact import compact
from ..nodes import NODES
from ..picture import shrink
from ..tables_study import DRAWN
from ..work import Work
from .default import default_heads

BUDGET = "cpu"
MEASURES = ("auc", "balanced_accuracy", "sensitivity", "baseline_auc")


def make(work: Work, budget: str = BUDGET) -> dict[str, Any]:
    """Do the runs that are not done yet, and average them over their seeds."""
    node = NODES["study"]
    folder = work.folder("study", (*node.files, *node.code[:-1]))
    runs = plan(budget)
    do_all(runs, folder, str(default_heads(work)))
    tables = {name: tabulate(name, runs, folder) for name in dict.fromkeys(run.table for run in runs)}
    for name in DRAWN:
        draw(name, tables[name], folder, work)
    return {"note": f"{SIMULATED} {RESEARCH_ONLY}", "budget": budget} | {
        name: published(table) for name, table in tables.items()
    }


def published(table: dict[str, Any]) -> dict[str, Any]:
    """Return what is published of a table, see :func:`bundle.research.study.tables.tabulate`."""
    return {
        **{key: table[key] for key in ("title", "seeds", "folds", "pairs", "settings") if key in table},
        "variants": {key: compact(report, MEASURES) for key, report in short(table["variants"]).items()},
        **({"costs": short(table["costs"])} if "costs" in table else {}),
    }


def draw(name: str, table: dict[str, Any], folder: Path, work: Work) -> None:
    """Draw a table for the documentation."""
    FIGURES[table["figure"]]({**table, "variants": short(table["variants"])}, folder / f"{name}.png")
    shrink(folder / f"{name}.png", work.figure(name), 900)


def short(variants: dict[str, Any]) -> dict[str, Any]:
    """Name each variant by its value alone: all of a table vary in the same setting."""
    return {name.split("=", 1)[-1]: value for name, value in variants.items()}
