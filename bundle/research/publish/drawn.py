"""Which drawn pathologies are seen, as a published result."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from scripts.simulation.pathology.rows import PATHOLOGIES

from ..benchmark.pathology import measure


def seen(dataset_dir: str, folder: Path, networks: str | None = None) -> dict[str, Any]:
    """Measure every pathology of moderate severity, and on both sides alike.

    Args:
        dataset_dir: the normal scans.
        folder: for what is measured of each.
        networks: of a cross-validation, see ``benchmark pathology``; by default the shipped weights.

    Returns:
        What ``benchmark pathology`` returns, with the ``unit`` of each severity.

    Raises:
        RuntimeError: if a scan could not be measured.
    """
    report = measure(dataset_dir, folder, networks)
    if failed := report.pop("failed"):
        raise RuntimeError(f"{len(failed)} scans failed, first {failed[0]}")
    units = {kind: PATHOLOGIES[kind].unit for kind in next(iter(report["kinds"].values()))}
    return {**report, "units": units}
