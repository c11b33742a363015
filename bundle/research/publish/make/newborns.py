"""Real newborns: networks and skull strips of a cross-validation on subjects that they have not seen."""

from __future__ import annotations

from typing import Any

from ..newborn_networks import FOLDS, SEEDS, before_newborns, by_group, measured, trained
from ..nodes import NODES
from ..work import Work

PARTS = ["as_they_are", "contrasts", "strip"]
"""Parts of the benchmark, with the networks of every seed."""

BASELINE = PARTS[:1]
"""Those that are also measured with the weights of before any newborn."""

SOURCE = (
    "Twelve newborns of the ALBERTs, T1 and T2 each. Gousias et al. 2012 (doi:10.1016/j.neuroimage.2012.05.083), "
    "Gousias et al. 2013 (doi:10.1371/journal.pone.0059990), Makropoulos et al. 2016 "
    "(doi:10.1016/j.neuroimage.2015.10.047)."
)


def make(work: Work, newborns_dir: str, crossvalidation_dir: str | None = None) -> dict[str, Any]:
    """Measure normal newborns with simulated lesions, each by what has not seen it.

    Args:
        work: the folder of intermediate data.
        newborns_dir: the scans, each with a tight brain mask beside it.
        crossvalidation_dir: see :func:`..newborn_networks.trained`.
    """
    node = NODES["newborns"]
    folder = work.folder("newborns", (*node.files, *node.code))
    networks = trained(work, newborns_dir, crossvalidation_dir)
    report = measured(newborns_dir, folder, networks, PARTS)
    before = measured(newborns_dir, folder, before_newborns(work, networks), BASELINE)
    return {
        "note": report["note"],
        "source": SOURCE,
        "subjects": report["subjects"],
        "scans": report["scans"],
        "folds": FOLDS,
        "seeds": list(SEEDS),
        "trainings": len(SEEDS),
        **_in_short(report["parts"]),
        "synthetic": _in_short(before["parts"]),
    }


def _in_short(parts: dict[str, Any]) -> dict[str, Any]:
    """Put the tables by size at the top, under the name of their group of scans."""
    as_they_are = dict(parts["as_they_are"])
    others = {name: part for name, part in parts.items() if name != "as_they_are"}
    return {**by_group(as_they_are.pop("by_size")), **as_they_are, **others}
