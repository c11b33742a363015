"""The skull strip: masks against references, time and memory."""

from __future__ import annotations

import json
from typing import Any

from ...benchmark.skull_strip import measure
from ..code import hash_of
from ..nodes import NODES, STRIP
from ..picture import shrink
from ..real_heads import require_all
from ..work import Work


def make(work: Work, **folders: Any) -> dict[str, Any]:
    """Measure the synthetic heads, and the real ones where their folders are given; else keep what is published.

    Args:
        work: the folder of intermediate data.
        folders: ``itk_dir``, ``mricron_dir`` and ``spm_dir``.

    Raises:
        FileNotFoundError: if folders are given, but not every real head is found.
    """
    require_all(folders)
    node = NODES["skull_strip"]
    folder = work.folder("skull_strip", (*node.files, *node.code), **folders)
    result = measure(folder, **folders, poses=5 if folders else 0)
    shrink(folder / "figure.png", work.figure("skull_strip"), 1000)
    weights = hash_of(work.root / STRIP)
    published = work.root / node.result
    before = json.loads(published.read_text()) if published.exists() else None
    return merged({**result, "real_heads_weights": weights}, before, bool(folders))


def merged(result: dict[str, Any], before: dict[str, Any] | None, real: bool) -> dict[str, Any]:
    """Keep published rows of what was not measured now: real heads, and tools that are not installed.

    Args:
        result: measured now.
        before: what is published.
        real: whether the real heads were measured.
    """
    if before is None:
        return result
    result = dict(result)
    if not real:
        kept = {name: row for name, row in before["sets"].items() if name.startswith("real")}
        result["sets"] = {**result["sets"], **kept}
        result["against"] = before["against"]
        result["real_heads_weights"] = before["real_heads_weights"]
    else:
        result["sets"] = {name: {**before["sets"].get(name, {}), **row} for name, row in result["sets"].items()}
        result["against"] = result["against"] or before["against"]
    measured = {row["method"] for row in result["cost"]}
    result["cost"] = [*result["cost"], *(row for row in before["cost"] if row["method"] not in measured)]
    return result
