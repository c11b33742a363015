"""Part ``bias_field``: lesions by size in scans as they are, and with each correction of the bias field."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from scripts.preprocessing.bias_field import METHODS

from .by_size import Rows, tables
from .dataset import Case
from .each_case import Measured, measure_each
from .lesions import lesion_scores
from .scored import prepared_for
from .thick import SIZES


def measure(cases: list[Case], folder: Path, at_once: int | None = None) -> Measured:
    """Score lesions in every scan after each method of ``scripts.preprocessing.bias_field``; see :func:`summary`."""
    return measure_each(_scan, cases, folder, at_once)


def summary(rows: Rows) -> dict[str, Any]:
    """Return for each method the tables of :func:`.by_size.tables`."""
    return {name: tables(rows, name) for name in METHODS}


def _scan(case: Case) -> dict[str, Any]:
    """Score a scan by each of its networks. Lesions are drawn into the corrected brain: no method can lessen them."""
    runs: list[dict[str, Any]] = [{} for _ in case["networks"]]
    for method in METHODS:
        made = prepared_for(case["image"], case["networks"], bias_field=method)
        for run, ((model, _), data) in zip(runs, made, strict=True):
            run[method] = lesion_scores(data["image"], case["case"], case["subject"], model, SIZES)
    return {"runs": runs}
