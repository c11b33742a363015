"""What the networks learn from: newborns, synthetic heads, or both; tested on the same newborns."""

from __future__ import annotations

from typing import Any

from ...crossvalidate.heads import LEARN_FROM, MATERIALS
from ..newborn_networks import FIRST, SEEDS, by_group, measured, trained
from ..nodes import NODES
from ..pages import read_results
from ..work import Work

PART = "as_they_are"

WITHOUT_PATHOLOGIES = "both"


def make(work: Work, newborns_dir: str, crossvalidation_dir: str | None = None) -> dict[str, Any]:
    """Measure networks for each material that the shipped weights did not learn from.

    Those that differ by the pathologies alone have three seeds, the others one.

    Args:
        work: the folder of intermediate data.
        newborns_dir: the scans, each with a tight brain mask beside it.
        crossvalidation_dir: see :func:`..newborn_networks.trained`.
    """
    node = NODES["newborn_materials"]
    folder = work.folder("newborn_materials", (*node.files, *node.code))
    of_newborns = read_results(work.root)["newborns"]
    result: dict[str, Any] = {"synthetic": of_newborns["synthetic"], LEARN_FROM: {"all": of_newborns["all"]}}
    for name in MATERIALS:
        if name != LEARN_FROM:
            seeds = SEEDS if name == WITHOUT_PATHOLOGIES else FIRST
            networks = trained(work, newborns_dir, crossvalidation_dir, name, seeds)
            report = measured(newborns_dir, folder, networks, [PART])
            result |= {"note": report["note"], "seeds": list(FIRST)}
            result[name] = by_group(report["parts"][PART]["by_size"])
    return result
