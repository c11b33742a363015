"""Which scans are done: their answer is there, and file, settings and weights are what they were."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from scripts.results.bids_names import derivative_name
from scripts.results.result import SCHEMA_VERSION


def fingerprint(item: dict[str, Any], provenance: dict[str, Any]) -> str:
    """Hash all that an answer depends on: the content of the scan's files, settings, weights, versions.

    Args:
        item: with ``image``, a file or a folder of one DICOM series.
        provenance: of the pipeline.
    """
    path = Path(item["image"])
    mark = hashlib.sha256(json.dumps([provenance, SCHEMA_VERSION], sort_keys=True, default=str).encode())
    try:
        for file in sorted(f for f in path.iterdir() if f.is_file()) if path.is_dir() else [path]:
            mark.update(file.name.encode("utf-8", "surrogateescape"))
            with file.open("rb") as content:
                while block := content.read(1 << 20):
                    mark.update(block)
    except OSError:  # it will fail to load, too, and then say why
        mark.update(b"unreadable")
    return mark.hexdigest()


def is_done(output_dir: Path, item: dict[str, Any], mark: str) -> dict[str, Any] | None:
    """Return the answer of an earlier run about the same content, or None; what failed is tried again."""
    folder, name = derivative_name(item["case"])
    file = output_dir / folder / f"{name}_asymmetry.json"
    try:
        result = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return result if result.get("fingerprint") == mark and result["status"] != "failed" else None
