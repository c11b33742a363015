"""The shipped weights on heads that are more and less symmetric by nature."""

from __future__ import annotations

from typing import Any

from scripts.disclaimer import RESEARCH_ONLY, SIMULATED
from scripts.evaluation.summary import by_size

from ..compact import compact, of_lesions, of_subjects
from ..shipped_weights import CONDITIONS, FEW, SEED, SIZES, Evaluation, evaluate
from ..work import Work
from .shipped import evaluation as of_shipped

LEVELS = ("none", "mild", "mid", "strong")
SHIPPED = "mid"
"""The level of the heads of ``shipped``, whose scores are used again."""


def make(work: Work) -> dict[str, Any]:
    """Evaluate the shipped weights on the same subjects at every level of natural asymmetry."""
    few = {
        level: Evaluation(
            work,
            f"asymmetry_{level}",
            work.cohort(f"asymmetry_{level}", subjects=FEW, seed=SEED, split="test", asymmetry=level),
            conditions=CONDITIONS,
        )
        for level in LEVELS
        if level != SHIPPED
    }
    shipped = of_shipped(work)
    evaluate([*few.values(), shipped])
    tables = {level: one.scores() for level, one in few.items()}
    subjects = sorted(set(next(iter(tables.values()))["columns"]["subject"]))
    scores = shipped.scores()
    columns = of_subjects(of_lesions(scores["columns"], "physical", SIZES), subjects)
    tables[SHIPPED] = {**scores, "columns": columns}
    return {
        "note": f"{SIMULATED} {RESEARCH_ONLY}",
        "seed": SEED,
        **{level: compact(by_size([tables[level]["columns"]], [tables[level]["threshold"]])) for level in LEVELS},
    }
