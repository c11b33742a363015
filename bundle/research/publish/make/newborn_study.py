"""The study on newborns: small trainings in folds by subject, none of which has seen the newborns it is tested on."""

from __future__ import annotations

from typing import Any

from scripts.disclaimer import RESEARCH_ONLY, SIMULATED

from ...study import do_all, plan, planned_in_folds
from ...study.tables import tabulate
from ..nodes import NODES
from ..work import Work
from .study import draw, published

BUDGET = "newborns"
FOLDS = 4


def make(work: Work, newborns_dir: str, budget: str = BUDGET, folds: int = FOLDS) -> dict[str, Any]:
    """Do the runs that are not done yet, in every fold, and average them over their seeds.

    Args:
        work: the folder of intermediate data.
        newborns_dir: normal scans, a BIDS folder or a datalist, with a tight brain mask beside each.
        budget: of the runs.
        folds: number of parts that the subjects are divided into.
    """
    node = NODES["newborn_study"]
    folder = work.folder("newborn_study", (*node.files, *node.code[:-1]), newborns_dir=newborns_dir)
    runs = planned_in_folds(plan(budget), newborns_dir, folds, folder)
    do_all(runs, folder)
    tables = {name: tabulate(name, runs, folder) for name in dict.fromkeys(run.table for run in runs)}
    for name in node.figures:
        draw(name, tables[name], folder, work)
    return {"note": f"{SIMULATED} {RESEARCH_ONLY}", "budget": budget} | {
        name: published(table) for name, table in tables.items()
    }
