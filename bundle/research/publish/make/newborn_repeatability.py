"""Do two scans of a newborn say the same: T1 and T2, other poses, thin and thick slices, its mirror image."""

from __future__ import annotations

from typing import Any

from ..newborn_networks import FIRST, by_group, measured, trained
from ..nodes import NODES
from ..work import Work

PARTS = ["same_lesion", "repeatability", "thick"]


def make(work: Work, newborns_dir: str, crossvalidation_dir: str | None = None) -> dict[str, Any]:
    """Measure the parts of the benchmark that score each scan many times, with the networks of one seed.

    Args:
        work: the folder of intermediate data.
        newborns_dir: the scans, each with a tight brain mask beside it.
        crossvalidation_dir: see :func:`..newborn_networks.trained`.
    """
    node = NODES["newborn_repeatability"]
    folder = work.folder("newborn_repeatability", (*node.files, *node.code))
    networks = trained(work, newborns_dir, crossvalidation_dir, seeds=FIRST)
    report = measured(newborns_dir, folder, networks, PARTS)
    parts = dict(report["parts"])
    thick = {version: by_group(groups) for version, groups in parts.pop("thick").items() if groups}
    return {"note": report["note"], "seeds": list(FIRST), **parts, "thick": thick}
