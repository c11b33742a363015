"""Newborns scanned or processed in another way: T1 and T2, poses, mirrored, thick slices, bias field corrected."""

from __future__ import annotations

from typing import Any

from ..newborn_networks import FIRST, by_group, measured, trained
from ..nodes import NODES
from ..work import Work

PARTS = ["same_lesion", "repeatability", "thick", "bias_field"]


def make(work: Work, newborns_dir: str, crossvalidation_dir: str | None = None) -> dict[str, Any]:
    """Measure the parts of the benchmark that score each scan many times, with the networks of one seed.

    Args:
        work: the folder of intermediate data.
        newborns_dir: the scans, each with a tight brain mask beside it.
        crossvalidation_dir: see :func:`..newborn_networks.trained`.
    """
    node = NODES["newborn_robustness"]
    folder = work.folder("newborn_robustness", (*node.files, *node.code))
    networks = trained(work, newborns_dir, crossvalidation_dir, seeds=FIRST)
    report = measured(newborns_dir, folder, networks, PARTS)
    parts = dict(report["parts"])
    for part in ("thick", "bias_field"):
        parts[part] = {version: by_group(groups) for version, groups in parts[part].items() if groups}
    return {"note": report["note"], "seeds": list(FIRST), **parts}
