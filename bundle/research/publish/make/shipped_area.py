"""The shipped weights on the same heads, with lesions of true areas instead of sides."""

from __future__ import annotations

from typing import Any

from scripts.disclaimer import RESEARCH_ONLY, SIMULATED
from scripts.evaluation.summary import by_size

from ..compact import compact
from ..shipped_weights import SEED, SUBJECTS, Evaluation, evaluate
from ..work import Work

AREAS = (1, 3, 5, 7, 10, 20)
"""In mm²."""

CONDITIONS: list[dict[str, Any]] = [{"lesion_type": "normal"}, {"lesion_type": "physical", "sizes": list(AREAS)}]


def make(work: Work) -> dict[str, Any]:
    """Evaluate the shipped weights by area."""
    heads = work.cohort("shipped", subjects=SUBJECTS, seed=SEED, split="test")
    evaluation = Evaluation(work, "shipped_area", heads, scale="area_mm2", conditions=CONDITIONS)
    evaluate([evaluation])
    scores = evaluation.scores()
    report = by_size([scores["columns"]], [scores["threshold"]])
    return {"note": f"{SIMULATED} {RESEARCH_ONLY}", "seed": SEED, **compact(report)}
