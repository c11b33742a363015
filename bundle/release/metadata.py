"""The verb ``metadata``: the figures of an evaluation in the bundle's metadata, where hosts and the model zoo look."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from scripts.atomic_write import write_text

from .. import ROOT

REPORT = "docs/shipped_by_size.json"
"""What the shipped weights reach; below the bundle's folder."""

SIZES = (7.0, 13.5, 20.0)
"""Sides of the lesions, in mm, that the metadata names; all are in the documents."""

MEASURES = {
    "auc": "auc",
    "balanced_accuracy": "balanced_accuracy",
    "sensitivity": "sensitivity_at_5_percent_false_positives",
}
"""Figures of each size, and what the metadata calls them."""


def metadata(report: str = REPORT, root: str = str(ROOT)) -> list[Path]:
    """Fill ``eval_metrics`` of ``configs/metadata.json`` from an evaluation, and copy the file to the root.

    Args:
        report: a ``by_size.json``; a relative path is taken from ``root``.
        root: the bundle's folder.

    Returns:
        The files written.
    """
    path = Path(root) / "configs" / "metadata.json"
    content = json.loads(path.read_text(encoding="utf-8"))
    content["eval_metrics"] = eval_metrics(json.loads((Path(root) / report).read_text(encoding="utf-8")))
    copies = [path, Path(root) / "metadata.json"]
    for copy in copies:
        write_text(copy, json.dumps(content, indent=4, ensure_ascii=False) + "\n")
    return copies


def eval_metrics(report: dict[str, Any]) -> dict[str, float]:
    """Return the main figures of a report (:func:`scripts.evaluation.summary.by_size`) by name (``simulated_…``)."""
    rows = {row["size"]: row for row in report["rows"] if row["lesion_type"] == "physical"}
    figures = {
        f"physical_{size:g}mm_{name}": rows[size][measure][0] for size in SIZES for measure, name in MEASURES.items()
    }
    figures |= {
        f"false_positives_{lesion_type}_slices": share[0]
        for lesion_type, share in report["false_positive_rate"].items()
    }
    figures["physical_expected_calibration_error"] = report["calibration"]["physical"]["ece"]
    return {f"simulated_{name}": round(float(value), 3) for name, value in figures.items()}
