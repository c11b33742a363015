"""The midline search: errors against known planes, and repeatability on real heads."""

from __future__ import annotations

import json
from typing import Any

from ...benchmark.midline import measure
from ..nodes import NODES
from ..picture import shrink
from ..real_heads import require_all
from ..work import Work

KEPT = ("repeatability", "known_motion")
"""Parts that need real heads; what is published is kept where they are not there."""


def make(work: Work, **folders: Any) -> dict[str, Any]:
    """Measure the synthetic heads, and the real ones where their folders are given; else keep what is published.

    Args:
        work: the folder of intermediate data.
        folders: ``itk_dir``, ``mricron_dir`` and ``spm_dir``.

    Raises:
        FileNotFoundError: if folders are given, but not every real head is found.
    """
    require_all(folders)
    node = NODES["midline"]
    folder = work.folder("midline", (*node.files, *node.code), **folders)
    result = measure(folder, **folders)
    for picture in node.figures:
        shrink(folder / f"{picture}.png", work.figure(picture), 1000)
    published = work.root / node.result
    if not folders and published.exists():
        before = json.loads(published.read_text())
        result |= {part: before[part] for part in KEPT}
    return result
