"""The verb ``normative``: how normal scans score, so that a percentile can be given."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from scripts.atomic_write import write_text
from scripts.disclaimer import RESEARCH_ONLY
from scripts.results.age import age_of, fit_age, read_ages
from scripts.results.normative import EXCEEDED_BY, FEW, percentile, scan_threshold

CONTROLS = "the user's controls"


def normative(
    *controls: str, output: str = "normative.json", kind: str = CONTROLS, allow_warnings: bool = True, **settings: Any
) -> str:
    """Score normal scans and keep their scores; ``predict --normative FILE`` gives percentiles among them.

    Args:
        controls: scans of normal newborns, as ``predict`` takes them: of your scanner, protocol and ages.
        output: file to write.
        kind: what the reference is called in every answer.
        allow_warnings: keep scans with warnings; those that fail are always left out.
        settings: keys of ``configs/inference.json``, the same as for ``predict``; ``ages`` names a table of the
            controls' ages (``participant_id``, ``scan_age`` or ``age``), on which a line is fitted to the scores'
            logits. Controls without an age are then left out.

    Returns:
        A sentence about the reference.

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
    left_out = []
    for problem in problems:
        print(problem, file=sys.stderr)
    for item in tqdm(items, unit="scan", disable=None):
        age = age_of(known, item["subject"])
        if known and age is None:
            left_out.append({"case": item["case"], "why": "no_age"})
            continue
        found, _, error = pipeline(item)
        if error is not None:
            left_out.append({"case": item["case"], "why": error.code})
        elif found["result"]["status"] != "ok" and not allow_warnings:
            left_out.append({"case": item["case"], "why": ",".join(r["code"] for r in found["result"]["reasons"])})
        else:
            scores[item["case"]], ages[item["case"]] = found["result"]["score"], age
    if len(scores) < 2:
        raise ValueError(f"{len(scores)} of {len(items)} scans could be scored, expected 2 or more: {left_out}.")
    values = list(scores.values())
    ranks = {case: round(percentile(score, _others(values, k)), 1) for k, (case, score) in enumerate(scores.items())}
    content = {
        "note": RESEARCH_ONLY,
        "kind": kind,
        "weights": pipeline.provenance["sha256"][pipeline.weights.name],
        "settings": pipeline.provenance["settings"],
        "scan_threshold": {"value": scan_threshold(values), "exceeded_by": EXCEEDED_BY, "scans": len(values)},
        "scores": values,
        **({"age": fit_age(values, [age for age in ages.values() if age is not None])} if known else {}),
        "leave_one_out": ranks,
        "left_out": left_out,
    }
    write_text(Path(output), json.dumps(content, indent=1) + "\n")
    threshold = scan_threshold(values)
    few = (
        f" Fewer than {FEW}: percentiles will be coarse, and there is no threshold."
        if threshold is None
        else f" Threshold {threshold:.2f}."
    )
    high = max(ranks, key=lambda case: ranks[case])
    return f"{output}: {len(scores)} scans, {len(left_out)} left out.{few} Highest among the others: {high}."


def _others(values: list[float], index: int) -> list[float]:
    return values[:index] + values[index + 1 :]
