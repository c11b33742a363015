"""What a study consists of: from the tables of ``runs.json`` to single trainings."""

from __future__ import annotations

import itertools
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from scripts.training.fast_bfloat16 import has_fast_bfloat16

RUNS = Path(__file__).with_name("runs.json")
FOLDS = "folds"
"""Folder of the datalists of a study in folds, within that of the study."""

WHERE_FAST = "where fast"
"""Value of ``bfloat16`` that depends on the processor."""


@dataclass(frozen=True)
class Run:
    """One training and its evaluation.

    Attributes:
        table: the table it belongs to.
        variant: what is particular to it, as a name: ``backbone=vgg,lesion_type=painted``.
        seed: of the run.
        settings: overrides of ``configs/train.json``, for training and evaluation.
        cost: measure the speed of the network, too.
        fold: number of the fold, if the study is made in folds.
        datalist: of the fold, in place of the study's data.
    """

    table: str
    variant: str
    seed: int
    settings: dict[str, Any] = field(hash=False)
    cost: bool = False
    fold: int | None = None
    datalist: str | None = None

    @property
    def path(self) -> Path:
        """Folder of the run below the study's: ``table/variant/seed_0``, in folds ``table/variant/seed_0/fold_0``."""
        seed = Path(self.table) / self.variant / f"seed_{self.seed}"
        return seed if self.fold is None else seed / f"fold_{self.fold}"


def plan(budget: str, tables: Sequence[str] = (), file: str | Path = RUNS) -> list[Run]:
    """List the runs of a study, seed by seed, so that a study that is stopped early has a little of everything.

    Args:
        budget: a name of the file's ``budgets``.
        tables: names of the file's ``tables``; none means all that the budget includes.
        file: JSON in the form of ``runs.json``.

    Raises:
        ValueError: for a budget or table that the file lacks; the message lists those it has.
    """
    content = json.loads(Path(file).read_text())
    if budget not in content["budgets"]:
        raise ValueError(f"There is no budget {budget!r} in {file}. Choose one of: {', '.join(content['budgets'])}.")
    for name in tables:
        if name not in content["tables"]:
            raise ValueError(f"There is no table {name!r} in {file}. Choose of: {', '.join(content['tables'])}.")
    common = dict(content["budgets"][budget])
    seeds, few = common.pop("seeds"), common.pop("variants", None)
    if common.get("bfloat16") == WHERE_FAST:
        common["bfloat16"] = has_fast_bfloat16()
    chosen = {
        name: row
        for name, row in content["tables"].items()
        if name in tables or (not tables and budget in row.get("budgets", [budget]))
    }
    return [
        Run(
            table=name,
            variant=",".join(f"{key}={_plain(value)}" for key, value in variant.items()),
            seed=seed,
            settings={**common, **row.get("set", {}), **row.get("within", {}).get(budget, {}), **variant, "seed": seed},
            cost=row.get("cost", False) and seed == seeds[0],
        )
        for seed in seeds
        for name, row in chosen.items()
        for variant in _variants(row["vary"])[:few]
    ]


def _variants(vary: dict[str, list[Any]]) -> list[dict[str, Any]]:
    """Every combination of the values."""
    return [dict(zip(vary, values, strict=True)) for values in itertools.product(*vary.values())]


def _plain(value: Any) -> str:
    return "+".join(map(str, value)) if isinstance(value, list) else str(value)
