"""The reference of normal scans that ships: scores of real newborns by networks that have not seen them."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from pathlib import Path
from statistics import fmean
from typing import Any

from scripts.atomic_write import write_text

from ...normative import NormalScan, reference
from ...predict.pipeline import Pipeline
from ..benchmark.newborns.dataset import Case, read_cases
from ..benchmark.newborns.each_case import measure_each
from ..benchmark.newborns.scored import score_scan


def write_reference(dataset_dir: str, networks: Path, weights: Path, kind: str, folder: Path) -> Path:
    """Write a reference for ``predict``, ``normative.json``, from a cross-validation.

    A scan's score is the mean over the seeds (of logits), and so is the highest evidence of its map. Its subject is a
    number, its name is left out. The networks of a cross-validation are not the one that
    ships, but were made and calibrated alike.

    Args:
        dataset_dir: the normal scans.
        networks: ``networks_LEARN_FROM.json`` of the cross-validation.
        weights: that ship.
        kind: name of the reference in every result, such as "24 scans of 12 newborns".
        folder: to write to.

    Raises:
        RuntimeError: if a scan could not be measured.
    """
    rows, failed = measure_each(_scores, read_cases(dataset_dir, str(networks)), folder / "reference")
    if failed:
        raise RuntimeError(f"{len(failed)} scans failed, first {failed[0]}.")
    scans = [
        NormalScan(
            f"scan {number}",
            row["subject"],
            _probability(row["scores"]),
            _probability(row["peaks"]),
            fmean(row["asymmetry_indices"]),
        )
        for number, row in enumerate(rows, start=1)
    ]
    pipeline = Pipeline({"ckpt_path": str(weights), "normative": ""})
    content = reference(scans, kind, pipeline.provenance, pipeline.weights.name)
    output = folder / "normative.json"
    write_text(output, json.dumps(content, indent=1) + "\n")
    return output


def _scores(case: Case) -> dict[str, Any]:
    """Score a scan by each of its networks; the signs of the volumes' difference are left out."""
    made = score_scan(case["image"], case["networks"])
    return {
        "scores": [score["score"] for score in made],
        "peaks": [score["highest"] for score in made],
        "asymmetry_indices": [abs(score["asymmetry_index"]) for score in made],
    }


def _probability(logits: Sequence[float]) -> float:
    return 1 / (1 + math.exp(-fmean(logits)))
