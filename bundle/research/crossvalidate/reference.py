"""The reference of normal scans that ships: scores of real newborns by networks that have not seen them."""

from __future__ import annotations

import json
import math
from pathlib import Path
from statistics import fmean

from scripts.atomic_write import write_text

from ...normative import reference
from ...predict.pipeline import Pipeline
from ..benchmark.newborns import measure


def write_reference(dataset_dir: str, networks: Path, weights: Path, kind: str, folder: Path) -> Path:
    """Write a reference for ``predict``, ``normative.json``, from a cross-validation.

    A scan's score is the mean over the seeds (of logits). The networks of a cross-validation are not the one that
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
    measured = measure(dataset_dir, folder / "reference", str(networks), ["as_they_are"], None)
    if measured["failed"]:
        raise RuntimeError(f"{len(measured['failed'])} scans failed, first {measured['failed'][0]}.")
    scans = measured["parts"]["as_they_are"]["scans"]
    scores = [1 / (1 + math.exp(-fmean(scan["score"]))) for scan in scans]
    pipeline = Pipeline({"ckpt_path": str(weights), "normative": ""})
    content = reference(scores, kind, pipeline.provenance, pipeline.weights.name)
    output = folder / "normative.json"
    write_text(output, json.dumps(content, indent=1) + "\n")
    return output
