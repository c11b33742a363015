"""Pathologies drawn into synthetic heads, scored by the shipped network."""

from __future__ import annotations

from typing import Any

from ..drawn import seen
from ..nodes import NODES
from ..work import Work

HEADS = {"subjects": 24, "seed": 78, "split": "test"}
"""Of the cohort. No other part of this bundle uses these heads."""


def make(work: Work) -> dict[str, Any]:
    """Draw every pathology into every synthetic head, and score it by the shipped network."""
    node = NODES["synthetic_pathologies"]
    heads = work.cohort("synthetic_pathologies", **HEADS)
    return seen(str(heads), work.folder(node.name, (*node.files, *node.code)))
