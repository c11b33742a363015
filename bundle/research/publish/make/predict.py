"""Seconds and memory of a prediction."""

from __future__ import annotations

import json
from typing import Any

from ...benchmark.predict import measure
from ..nodes import HEADS, NODES
from ..work import Work


def make(work: Work) -> dict[str, Any]:
    """Time a prediction; the published rows of tools that are not installed are kept."""
    node = NODES["predict"]
    result = measure(work.folder("predict", HEADS))
    published = work.root / node.result
    before = json.loads(published.read_text())["rows"] if published.exists() else []
    kept = {row["what"]: row for row in before if "failed" not in row}
    rows = [kept.get(row["what"], row) if "failed" in row else row for row in result["rows"]]
    return {**result, "rows": rows}
