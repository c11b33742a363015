"""The shipped weights on a cohort of their own: by size, by type of lesion, and in subgroups."""

from __future__ import annotations

import json
from typing import Any

from scripts.disclaimer import RESEARCH_ONLY, SIMULATED
from scripts.evaluation.subgroups import GROUPS, split
from scripts.evaluation.summary import by_size

from ...study.run import TRAIN
from ..compact import compact, of_lesions
from ..picture import shrink
from ..shipped_weights import ROOT, SEED, SIZES, SUBJECTS, Evaluation, evaluate
from ..work import Work

CONFIGS = (*TRAIN, ROOT / "configs" / "evaluate.json")
CONDITIONS: list[dict[str, Any]] = [
    {"lesion_type": "normal"},
    {"lesion_type": "bilateral", "sizes": [7, 13.5]},
    {"lesion_type": "physical", "sizes": "@sizes"},
    {"lesion_type": "painted", "sizes": list(SIZES)},
    {"lesion_type": "zero", "sizes": [13.5]},
]
SUBGROUP_MEASURES = ("auc", "balanced_accuracy", "sensitivity", "baseline_auc")


def make(work: Work) -> dict[str, Any]:
    """Evaluate the shipped weights, and draw the curve over the sizes, the reliability and examples."""
    measured = evaluation(work)
    evaluate([measured])
    for picture, width in (("psychometric", 700), ("reliability", 560), ("gallery", 1000)):
        shrink(measured.folder / f"{picture}.png", work.figure(f"shipped_{picture}"), width)
    scores = measured.scores()
    physical = of_lesions(scores["columns"], "physical", SIZES)
    return {
        "note": f"{SIMULATED} {RESEARCH_ONLY}",
        "seed": SEED,
        **compact(json.loads((measured.folder / "by_size.json").read_text())),
        "subgroups": {
            group: {
                part: compact(by_size([columns], [scores["threshold"]]), SUBGROUP_MEASURES)
                for part, columns in split(physical, group).items()
            }
            for group in GROUPS
        },
    }


def evaluation(work: Work) -> Evaluation:
    """Return the evaluation, whether it is made or not."""
    heads = work.cohort("shipped", subjects=SUBJECTS, seed=SEED, split="test")
    return Evaluation(work, "shipped", heads, CONDITIONS, CONFIGS)
