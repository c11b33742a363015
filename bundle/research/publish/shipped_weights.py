"""Evaluate the shipped weights on synthetic heads, and keep the score of every slice."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ... import ROOT
from ..pairs import fill_cache
from ..processes import Task, bundle_run, run_all
from ..study.run import EVALUATE
from ..study.scores import SCORES
from .nodes import EVALUATING, SCORER, STRIP
from .nodes import SCORES as ROOMS
from .work import Work

SEED = 9
"""Of the heads; no network was trained on them or chosen by them."""

SUBJECTS = 40
FEW = 10
"""Subjects of the comparisons: the first of the others, so that rows differ by nothing else."""

SIZES = (3, 7, 13.5, 20)
"""Sides in mm of the lesions of the comparisons."""

CONDITIONS: list[dict[str, Any]] = [
    {"lesion_type": "normal"},
    {"lesion_type": "bilateral", "sizes": [7, 13.5]},
    {"lesion_type": "physical", "sizes": list(SIZES)},
]
"""Of the comparisons."""


class Evaluation:
    """An evaluation of the shipped weights.

    Args:
        work: the folder of intermediate data.
        name: of the evaluation.
        dataset_dir: the heads; all of them are test subjects.
        conditions: which lesions are drawn, as in ``configs/evaluate.json``.
        configs: by default those of the study, which write scores and no figures.
        settings: overrides of the configs.
    """

    def __init__(
        self,
        work: Work,
        name: str,
        dataset_dir: Path,
        conditions: Sequence[dict[str, Any]],
        configs: Sequence[Path] = tuple(EVALUATE),
        **settings: Any,
    ) -> None:
        settings = {**settings, "validate::simulation::conditions": list(conditions)}
        self.name, self.configs = name, list(configs)
        own = [path.relative_to(ROOT).as_posix() for path in self.configs]
        depends = (*dict.fromkeys((SCORER, STRIP, *EVALUATING, *own, *ROOMS)),)
        self.folder = work.folder(f"scores_{name}", depends, dataset=dataset_dir.name, **settings)
        self.overrides = {
            "bundle_root": str(ROOT),
            "dataset_dir": str(dataset_dir),
            "ckpt_dir": str(ROOT / "models"),
            "pairs_dir": str(work.pairs()),
            "output_dir": str(self.folder),
            **settings,
        }

    @property
    def is_done(self) -> bool:
        """Whether its scores are there."""
        return (self.folder / SCORES).exists()

    def scores(self) -> dict[str, Any]:
        """Read what it wrote: ``threshold`` and ``columns``."""
        return json.loads((self.folder / SCORES).read_text())


def evaluate(evaluations: Sequence[Evaluation], at_once: int | None = None) -> None:
    """Make the evaluations whose scores are not there; the pairs first, in several processes."""
    left = [each for each in evaluations if not each.is_done]
    for each in left:
        fill_cache([(each.configs, "validate")], each.overrides, each.folder)
    run_all(
        [
            Task(
                f"scores, {each.name}",
                bundle_run,
                ("evaluating", each.configs, each.overrides),
                each.folder / "log.txt",
            )
            for each in left
        ],
        at_once,
    )
