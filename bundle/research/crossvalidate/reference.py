"""The reference of normal scans that ships: scores of real newborns by networks that have not seen them."""

from __future__ import annotations

import json
import math
from pathlib import Path

from scripts.atomic_write import write_text

from ...normative import reference
from ...predict.pipeline import Pipeline


def write_reference(measured: Path, weights: Path, kind: str, output: Path) -> Path:
    """Write a reference for ``predict`` from a cross-validation.

    Every scan counts once for each seed. The networks of a cross-validation are not the one that ships, but were made
    and calibrated alike.

    Args:
        measured: ``newborns.json`` of ``benchmark newborns``, with the part ``as_they_are``.
        weights: that ship.
        kind: name of the reference in every result, such as "24 scans of 12 newborns".
        output: to write.
    """
    scans = json.loads(measured.read_text(encoding="utf-8"))["parts"]["as_they_are"]["scans"]
    scores = [1 / (1 + math.exp(-logit)) for scan in scans for logit in scan["score"]]
    pipeline = Pipeline({"ckpt_path": str(weights), "normative": ""})
    content = reference(scores, kind, pipeline.provenance, pipeline.weights.name)
    write_text(output, json.dumps(content, indent=1) + "\n")
    return output
