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
    "answer": {
        "Description": "comparison with the normal scans of the reference",
        "Levels": {
            "typical": "at least 5 % of normal scans are as asymmetric or more",
            "unusual": "fewer than 5 %",
            "very unusual": "fewer than 1 %",
            "unknown": "no reference that matches, or quality control does not allow a comparison",
        },
    },
    "p": {"Description": "share of normal scans that are as asymmetric or more", "Units": "1"},
    "side": {
        "Description": "side of the asymmetry, by the affine",
        "Levels": {"left": "", "right": "", "unknown": ""},
    },
    "places": {"Description": "number of places that stand out in the evidence map, at most 5"},
    "centre": {"Description": "centre of the first of them: R, A, S", "Units": "mm"},
    "score": {
        "Description": "of the network: the highest mean of five neighbouring slices, as a probability",
        "Units": "1",
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
    comparison, findings = result.get("comparison") or {}, result.get("findings", [])
    centre = findings[0]["centre_ras_mm"] if findings else None
    values = {
        "participant_id": folder,
        "scan": name,
        "status": result["status"],
        "answer": comparison.get("word"),
        "p": comparison.get("p"),
        "side": result["side"],
        "places": None if result["score"] is None else len(findings),
        "centre": centre and ", ".join(f"{value:.1f}" for value in centre),
        "score": result["score"],
        "asymmetry_index": (result.get("volumes") or {}).get("asymmetry_index"),
        "reasons": ",".join(reason["code"] for reason in result["reasons"]),
    }
    return [values[column] for column in COLUMNS]


def _cell(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return "n/a" if value is None or value == "" else f"{value:.4g}" if isinstance(value, float) else str(value)
