"""How newborn the synthetic heads are: their statistics beside those of real newborns."""

from __future__ import annotations

import json
from typing import Any

from ...benchmark.head_statistics import measure
from ..nodes import NODES
from ..work import Work

HEADS = 4
"""Synthetic heads that are measured."""


def make(work: Work, newborns_dir: str | None = None) -> dict[str, Any]:
    """Measure the synthetic heads, and the real ones where their folder is given; else keep what is published of them.

    Args:
        work: the folder of intermediate data.
        newborns_dir: BIDS folder of newborns with label maps, see ``head_statistics.newborns``.
    """
    node = NODES["heads"]
    result = measure(work.folder("heads", node.code), newborns_dir, HEADS)
    published = work.root / node.result
    if newborns_dir is None and published.exists():
        before = json.loads(published.read_text())
        result |= {key: before[key] for key in ("real",) if key in before}
    return result
