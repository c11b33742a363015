"""What the preprocessing costs: false positives and intensities, against a perfect mask and a perfect midline."""

from __future__ import annotations

from typing import Any

from ...benchmark.false_alarms import measure
from ..nodes import NODES
from ..work import Work


def make(work: Work) -> dict[str, Any]:
    """Score normal heads after the shipped and after a perfect preprocessing."""
    node = NODES["false_alarms"]
    return measure(work.folder("false_alarms", (*node.files, *node.code)))
