"""The verb ``metadata``: the main results in the bundle's metadata, where hosts and the model zoo look."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from scripts.atomic_write import write_text

from .. import ROOT

REPORT = "docs/results/newborns.json"
"""Real newborns, each measured by networks that have not seen it; below the bundle's folder."""

SIZES = ("7", "13.5", "20")
"""Sides of the lesions, in mm, that the metadata names; the result has more."""

MEASURES = {
    "auc": "auc",
    "balanced_accuracy": "balanced_accuracy",
    "sensitivity": "sensitivity_at_5_percent_false_positives",
}
"""Measures of each size, and what the metadata calls them."""


def metadata(report: str = REPORT, root: str = str(ROOT)) -> list[Path]:
    """Fill ``eval_metrics`` of ``configs/metadata.json`` from an evaluation, and copy the file to the root.

    Args:
        report: a published result, ``docs/results/newborns.json``; a relative path is taken from ``root``.
        root: the bundle's folder.

    Returns:
        The files that changed.
    """
    path = Path(root) / "configs" / "metadata.json"
    content = json.loads(path.read_text(encoding="utf-8"))
    content["eval_metrics"] = eval_metrics(json.loads((Path(root) / report).read_text(encoding="utf-8")))
    text = json.dumps(content, indent=4, ensure_ascii=False) + "\n"
    copies = [path, Path(root) / "metadata.json"]
    changed = [copy for copy in copies if not copy.exists() or copy.read_text(encoding="utf-8") != text]
    for copy in changed:
        write_text(copy, text)
    return changed


def eval_metrics(report: dict[str, Any]) -> dict[str, float]:
    """Return the main numbers of scans of newborns with simulated lesions, by name (``newborns_simulated_…``)."""
    rows = report["all"]["physical"]
    numbers = {
        f"physical_{size}mm_{name}": rows[size][measure][0] for size in SIZES for measure, name in MEASURES.items()
    }
    numbers |= {
        f"false_positives_{name}_slices": share[0] for name, share in report["all"]["false_positive_rate"].items()
    }
    numbers["physical_expected_calibration_error"] = report["all"]["calibration_error"]["physical"][0]
    return {f"newborns_simulated_{name}": round(float(value), 3) for name, value in numbers.items()}
