"""The verb ``normative``: make a reference of normal scans, with which ``predict`` gives percentiles."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scripts.atomic_write import write_text
from scripts.disclaimer import RESEARCH_ONLY
from scripts.results.age import age_of, fit_age, read_ages
from scripts.results.normative import (
    EXCEEDED_BY,
    MIN_SCANS,
    NormativeReference,
    OmittedScan,
    percentile,
    scan_threshold,
)

if TYPE_CHECKING:
    from .predict.provenance import Provenance

CONTROLS = "the user's controls"


def normative(
    *controls: str, output: str = "normative.json", kind: str = CONTROLS, allow_warnings: bool = True, **settings: Any
) -> str:
    """Score normal scans and save their scores; ``predict --normative FILE`` gives percentiles among them.

    Args:
        controls: scans of normal newborns of your scanner, protocol and ages; any input of ``predict``.
        output: file to write.
        kind: name of the reference in every result.
        allow_warnings: include scans with warnings. Failed scans are always left out.
        settings: keys of ``configs/inference.json``, the same as for ``predict``. ``ages`` names a table of the
            controls' ages (``participant_id``, ``scan_age`` or ``age``). A line is then fitted to the logits of the
            scores over age, and controls without an age are left out.

    Returns:
        A summary of the reference.

    Raises:
        ValueError: if fewer than two scans could be scored.
    """
    from tqdm import tqdm

    from .predict.inputs import find
    from .predict.pipeline import Pipeline

    items, problems = find(list(map(str, controls)))
    pipeline = Pipeline({**settings, "normative": ""})
    known = read_ages(settings.get("ages"))
    scores: dict[str, float] = {}
    ages: dict[str, float | None] = {}
    left_out: list[OmittedScan] = []
    for problem in problems:
        print(problem, file=sys.stderr)
    for item in tqdm(items, unit="scan", disable=None):
        age = age_of(known, item["subject"])
        if known and age is None:
            left_out.append({"case": item["case"], "why": "no_age"})
            continue
        data, _, error = pipeline(item)
        if error is not None:
            left_out.append({"case": item["case"], "why": error.code})
        elif data["result"]["status"] != "ok" and not allow_warnings:
            left_out.append({"case": item["case"], "why": ",".join(r["code"] for r in data["result"]["reasons"])})
        else:
            scores[item["case"]], ages[item["case"]] = data["result"]["score"], age
    if len(scores) < 2:
        raise ValueError(
            f"{len(scores)} of {len(items)} scans could be scored, expected 2 or more: {left_out}. Give more scans."
        )
    values = list(scores.values())
    ranks = {case: round(percentile(score, _others(values, k)), 1) for k, (case, score) in enumerate(scores.items())}
    content = reference(values, kind, pipeline.provenance, pipeline.weights.name)
    if known:
        content["age"] = fit_age(values, [age for age in ages.values() if age is not None])
    content["leave_one_out"], content["left_out"] = ranks, left_out
    write_text(Path(output), json.dumps(content, indent=1) + "\n")
    threshold = scan_threshold(values)
    text = (
        f"Fewer than {MIN_SCANS}: percentiles will be coarse, and there is no threshold."
        if threshold is None
        else f"Threshold {threshold:.2f}."
    )
    highest = max(ranks, key=lambda case: ranks[case])
    return f"{output}: {len(scores)} scans, {len(left_out)} left out. {text} Highest score: {highest}."


def reference(scores: list[float], kind: str, provenance: Provenance, weights: str) -> NormativeReference:
    """Return the content of a reference.

    Args:
        scores: of normal scans, probabilities.
        kind: name of the reference in every result.
        provenance: of the pipeline that scored them.
        weights: name of the file of the network's weights.
    """
    return {
        "note": RESEARCH_ONLY,
        "kind": kind,
        "weights": provenance["sha256"][weights],
        "settings": provenance["settings"],
        "scan_threshold": {"value": scan_threshold(scores), "exceeded_by": EXCEEDED_BY, "scans": len(scores)},
        "scores": scores,
    }


def _others(values: list[float], index: int) -> list[float]:
    return values[:index] + values[index + 1 :]
