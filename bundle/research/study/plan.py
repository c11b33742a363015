"""What a study consists of: from the tables of ``runs.json`` to single trainings."""

from __future__ import annotations

import itertools
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

RUNS = Path(__file__).with_name("runs.json")
ALL = "all"
"""The name of a table's only variant."""


@dataclass(frozen=True)
class Run:
    """One training and its evaluation, or an evaluation of weights that are there.

    Attributes:
        table: the table it belongs to.
        variant: what is particular to it, as a name: ``backbone=vgg,lesion_type=painted``; ``all`` for a table's only
            one.
        seed: of the run.
        train: overrides of ``configs/train.json``.
        evaluate: overrides that only the evaluation takes.
        weights: folder of the weights that are evaluated, below the bundle's; None trains.
        overlays: files in ``configs`` that the evaluation reads on top.
        cost: measure the speed of the network, too.
    """

    table: str
    variant: str
    seed: int
    train: dict[str, Any] = field(hash=False)
    evaluate: dict[str, Any] = field(hash=False)
    weights: str | None = None
    overlays: tuple[str, ...] = ()
    cost: bool = False

    @property
    def path(self) -> Path:
        """Folder of the run below the study's: ``table/variant/seed_0``."""
        return Path(self.table) / self.variant / f"seed_{self.seed}"


def plan(budget: str, tables: Sequence[str] = (), file: str | Path = RUNS) -> list[Run]:
    """List the runs of a study, seed by seed, so that a study that is stopped early has a little of everything.

    Args:
        budget: a name of the file's ``budgets``.
        tables: names of the file's ``tables``; none means all that the budget can afford.
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
    chosen = {
        name: row
        for name, row in content["tables"].items()
        if name in tables or (not tables and budget in row.get("budgets", [budget]))
    }
    return [
        Run(
            table=name,
            variant=",".join(f"{key}={_plain(value)}" for key, value in variant.items()) or ALL,
            seed=seed,
            train={**common, **row.get("set", {}), **row.get("within", {}).get(budget, {}), **variant, "seed": seed},
            evaluate=row.get("evaluate", {}),
            weights=row.get("weights"),
            overlays=tuple(row.get("configs", [])),
            cost=row.get("cost", False) and seed == seeds[0],
        )
        for seed in seeds
        for name, row in chosen.items()
        if seed == seeds[0] or "weights" not in row  # weights that are there have no other seed
        for variant in _variants(row["vary"])[:few]
    ]


def _variants(vary: dict[str, list[Any]] | list[dict[str, list[Any]]]) -> list[dict[str, Any]]:
    """Every combination of the values, of one sweep or of several after each other."""
    sweeps = vary if isinstance(vary, list) else [vary]
    return [dict(zip(each, values, strict=True)) for each in sweeps for values in itertools.product(*each.values())]


def _plain(value: Any) -> str:
    return "+".join(map(str, value)) if isinstance(value, list) else str(value)
