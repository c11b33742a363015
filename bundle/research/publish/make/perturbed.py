"""The shipped weights with a midline or a brain outline that is wrong by a known amount."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from scripts.atomic_write import write_text
from scripts.disclaimer import RESEARCH_ONLY, SIMULATED
from scripts.evaluation.summary import by_size

from ...study.run import EVALUATE
from ..compact import compact, of_lesions, of_subjects
from ..shipped_weights import CONDITIONS, FEW, ROOT, SEED, SIZES, Evaluation, evaluate
from ..work import Work
from .shipped import evaluation as of_shipped

ERRORS: dict[str, dict[str, float]] = {
    "midline_1mm": {"midline_mm": 1.0},
    "midline_2deg": {"midline_yaw": 2.0},
    "outline_0.6mm": {"outline_sd_mm": 0.6},
}
"""Each row of the table: settings of ``configs/perturbed.json``. The row without an error is taken from ``shipped``."""


def make(work: Work) -> dict[str, Any]:
    """Evaluate the shipped weights with each error, on the first subjects of ``shipped``."""
    shipped = of_shipped(work)
    heads = Path(shipped.overrides["dataset_dir"])
    listed = json.loads((heads / "datalist.json").read_text())
    subjects = sorted({item["subject"] for item in listed["test"]})[:FEW]
    few = heads.with_name(f"{heads.name}_few.json")
    items = [{**item, "image": str(heads / item["image"])} for item in listed["test"] if item["subject"] in subjects]
    write_text(few, json.dumps({"training": [], "validation": [], "test": items}))
    configs = (*EVALUATE, ROOT / "configs" / "perturbed.json")
    wrong = {
        name: Evaluation(work, f"perturbed_{name}", few, CONDITIONS, configs, **error) for name, error in ERRORS.items()
    }
    evaluate([shipped, *wrong.values()])
    scores = shipped.scores()
    columns = of_subjects(of_lesions(scores["columns"], "physical", SIZES), subjects)
    tables = {"none": {**scores, "columns": columns}, **{name: one.scores() for name, one in wrong.items()}}
    return {
        "note": f"{SIMULATED} {RESEARCH_ONLY}",
        "seed": SEED,
        **{name: compact(by_size([one["columns"]], [one["threshold"]])) for name, one in tables.items()},
    }
