"""Resume a batch: skip scans that have a result from the same file, settings and weights."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from scripts.results.bids_names import derivative_name
from scripts.results.result import SCHEMA_VERSION


def fingerprint(item: Mapping[str, Any], provenance: Mapping[str, Any]) -> str:
    """Return a hash of everything that a result depends on: the scan's files, settings, weights and versions.

    Args:
        item: with ``image``, a file or a DICOM folder; of several studies in it, ``study`` says which.
        provenance: of the pipeline.
    """
    path = Path(item["image"])
    known = [provenance, SCHEMA_VERSION, *([item["study"]] if "study" in item else [])]
    digest = hashlib.sha256(json.dumps(known, sort_keys=True, default=str).encode())
    try:
        for file in sorted(f for f in path.iterdir() if f.is_file()) if path.is_dir() else [path]:
            digest.update(file.name.encode("utf-8", "surrogateescape"))
            with file.open("rb") as content:
                while block := content.read(1 << 20):
                    digest.update(block)
    except OSError:  # loading will fail, too, and then say why
        digest.update(b"unreadable")
    return digest.hexdigest()


def is_done(output_dir: Path, item: Mapping[str, Any], mark: str) -> dict[str, Any] | None:
    """Return the result of an earlier run with the same fingerprint, or None. Failed scans are tried again.

    Args:
        output_dir: of all scans.
        item: the scan, with ``case``.
        mark: its :func:`fingerprint`.
    """
    folder, name = derivative_name(item["case"])
    file = output_dir / folder / f"{name}_asymmetry.json"
    try:
        result = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return result if result.get("fingerprint") == mark and result["status"] != "failed" else None
