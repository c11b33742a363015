"""What the networks learn from: newborns, synthetic heads, or both; tested on the same newborns."""

from __future__ import annotations

from typing import Any

from ...crossvalidate.heads import LEARN_FROM, MATERIALS
from ..newborn_networks import FIRST, SEEDS, by_group, measured, trained
from ..nodes import NODES
from ..pages import read_results
from ..work import Work

PART = "as_they_are"

THREE_SEEDS = ("both",)
"""Materials whose networks have all seeds; the others have one."""

LEFT_OUT = (LEARN_FROM, "pathologies")
"""Not measured here: the networks of the shipped weights, which are measured already, and those that learn more than
the lesions that are compared."""


def make(work: Work, newborns_dir: str, crossvalidation_dir: str | None = None) -> dict[str, Any]:
    """Measure networks for each material that the shipped weights did not learn from.

    Args:
        work: the folder of intermediate data.
        newborns_dir: the scans, each with a tight brain mask beside it.
        crossvalidation_dir: see :func:`..newborn_networks.trained`.
    """
    node = NODES["newborn_materials"]
    folder = work.folder("newborn_materials", (*node.files, *node.code))
    of_newborns = read_results(work.root)["newborns"]
    result: dict[str, Any] = {"synthetic": of_newborns["synthetic"], LEARN_FROM: {"all": of_newborns["all"]}}
    seeds: dict[str, list[int]] = {}
    for name in MATERIALS:
        if name not in LEFT_OUT:
            chosen = SEEDS if name in THREE_SEEDS else FIRST
            report = measured(
                newborns_dir, folder, trained(work, newborns_dir, crossvalidation_dir, name, chosen), [PART]
            )
            result |= {"note": report["note"], name: by_group(report["parts"][PART]["by_size"])}
            seeds[name] = list(chosen)
    return {**result, "seeds": seeds}
