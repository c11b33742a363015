"""The files about all scans: the description of the BIDS derivative, the table with its columns explained, the page."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from scripts.atomic_write import write_text
from scripts.disclaimer import RESEARCH_ONLY
from scripts.results.bids_names import derivative_name

from ..reports.cohort import cohort_page

COLUMNS: dict[str, dict[str, Any]] = {
    "participant_id": {"Description": "label of the subject, as in the names of the folders"},
    "scan": {"Description": "beginning of the names of the scan's files"},
    "status": {
        "Description": "result of the quality control",
        "Levels": {"ok": "no rule is broken", "warning": "look at the reasons first", "failed": "there is no score"},
    },
    "score": {"Description": "mean of the three highest slices, as a probability", "Units": "1"},
    "scan_threshold": {
        "Description": "score that 5 % of the reference's normal scans exceed; n/a without a reference that matches",
        "Units": "1",
    },
    "above_threshold": {
        "Description": "whether the score is above scan_threshold",
        "Levels": {
            "true": "higher than 95 % of the normal scans",
            "false": "not higher than 95 % of the normal scans",
            "n/a": "no threshold",
        },
    },
    "percentile": {"Description": "rank of the score among the normal scans of the reference", "Units": "%"},
    "side": {
        "Description": "side of the asymmetry, by the affine",
        "Levels": {"left": "", "right": "", "unknown": ""},
    },
    "volume": {
        "Description": "volume of the region around the peak of the evidence map; n/a below slice_threshold",
        "Units": "mm^3",
    },
    "asymmetry_index": {"Description": "(L - R) / (L + R) of the volumes of the hemispheres", "Units": "1"},
    "reasons": {"Description": "codes of the quality control, see docs/output.md of the software"},
}
"""Columns of ``asymmetry.tsv``, and their description in its JSON sidecar."""

NAME = "neonatal_brain_symmetry"


def write_cohort(output_dir: Path, results: Sequence[Mapping[str, Any]], provenance: Mapping[str, Any]) -> None:
    """Write the files about all scans, each atomically.

    These are ``dataset_description.json``, ``asymmetry.tsv``, ``asymmetry.json`` (its columns), ``cohort.html``.

    Args:
        output_dir: of the derivative.
        results: of all scans, see :class:`bundle.predict.scan_result.ScanResult`.
        provenance: of the pipeline.
    """
    description = {
        "Name": "Left-right asymmetry of newborn brains",
        "BIDSVersion": "1.9.0",
        "DatasetType": "derivative",
        "Description": RESEARCH_ONLY,
        "GeneratedBy": [{"Name": NAME, "Version": provenance["versions"][NAME]}],
    }
    write_text(output_dir / "dataset_description.json", json.dumps(description, indent=2) + "\n")
    lines = ["\t".join(COLUMNS), *("\t".join(map(_cell, _row(result))) for result in results)]
    write_text(output_dir / "asymmetry.tsv", "\n".join(lines) + "\n")
    write_text(output_dir / "asymmetry.json", json.dumps(COLUMNS, indent=2) + "\n")
    write_text(output_dir / "cohort.html", cohort_page(results, provenance))


def _row(result: Mapping[str, Any]) -> list[Any]:
    folder, name = derivative_name(result["case"])
    values = {
        "participant_id": folder,
        "scan": name,
        "status": result["status"],
        "score": result["score"],
        "scan_threshold": result.get("scan_threshold"),
        "above_threshold": result.get("above_threshold"),
        "percentile": (result.get("percentile") or {}).get("value"),
        "side": result["side"],
        "volume": (result.get("where") or {}).get("volume_mm3"),
        "asymmetry_index": (result.get("volumes") or {}).get("asymmetry_index"),
        "reasons": ",".join(reason["code"] for reason in result["reasons"]),
    }
    return [values[column] for column in COLUMNS]


def _cell(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return "n/a" if value is None or value == "" else f"{value:.4f}" if isinstance(value, float) else str(value)
