"""Pathologies drawn into real newborns, each scored by networks that have not seen the infant."""

from __future__ import annotations

from typing import Any

from ..drawn import seen
from ..newborn_networks import SEEDS, trained
from ..nodes import NODES
from ..work import Work


def make(work: Work, newborns_dir: str, crossvalidation_dir: str | None = None) -> dict[str, Any]:
    """Draw every pathology into every normal newborn, and score it by the networks of every seed.

    Args:
        work: the folder of intermediate data.
        newborns_dir: the scans, each with a tight brain mask beside it.
        crossvalidation_dir: see :func:`..newborn_networks.trained`.
    """
    node = NODES["newborn_pathologies"]
    networks = trained(work, newborns_dir, crossvalidation_dir)
    report = seen(newborns_dir, work.folder(node.name, (*node.files, *node.code)), str(networks))
    return {**report, "seeds": list(SEEDS)}
