"""The study: small trainings that differ in one thing, three seeds each."""

from __future__ import annotations

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
        table = {**tables[name], "variants": _short(tables[name]["variants"])}
        FIGURES[table["figure"]](table, folder / f"{name}.png")
        shrink(folder / f"{name}.png", work.figure(name), 900)
    return {"note": f"{SIMULATED} {RESEARCH_ONLY}", "budget": budget} | {
        name: {
            "title": table["title"],
            "seeds": table["seeds"],
            "settings": table["settings"],
            "variants": {key: compact(report, MEASURES) for key, report in _short(table["variants"]).items()},
            **({"costs": _short(table["costs"])} if "costs" in table else {}),
        }
        for name, table in tables.items()
    }


def _short(variants: dict[str, Any]) -> dict[str, Any]:
    """Name each variant by its value alone: all of a table vary in the same setting."""
    return {name.split("=", 1)[-1]: value for name, value in variants.items()}
