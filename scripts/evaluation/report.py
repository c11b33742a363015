"""The report of an evaluation: for every lesion type and size, how well it is detected."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import torch
from ignite.engine import Engine, Events
from torch import nn

from ..atomic_write import write_text
from ..console.output import is_main_process
from .baseline import difference_score
from .collect import CollectScores
from .figures.by_size import detection_by_size
from .figures.psychometric import psychometric_curve
from .figures.reliability import reliability
from .summary import by_size
from .tables import as_text, as_tsv


class ReportBySize:
    """Print and write how well each lesion type and size is detected; a handler of the evaluator.

    It writes to ``output_dir``: ``by_size.json`` (:class:`scripts.evaluation.summary.EvaluationReport`),
    ``by_size.tsv``, the figures ``by_size.png``, ``psychometric.png`` and ``reliability.png``, and the scores of all
    slices as ``scores.json`` (:class:`scripts.evaluation.collect.Columns`). All files are written atomically.

    Args:
        network: its ``threshold`` is the one of the balanced accuracy.
        output_dir: created if it is missing.
        scale: unit of the sizes: ``side_mm`` or ``area_mm2``.
    """

    def __init__(self, network: nn.Module, output_dir: str, scale: str = "side_mm") -> None:
        self.network, self.output_dir, self.scale = network, Path(output_dir), scale
        self.collect = CollectScores(baseline=difference_score)

    def attach(self, engine: Engine) -> None:
        """Collect the scores, and subscribe to the end of the evaluation."""
        self.collect.attach(engine)
        engine.add_event_handler(Events.COMPLETED, self)

    def __call__(self, engine: Engine) -> None:
        network: Any = getattr(self.network, "module", self.network)
        table = self.collect.table(engine)
        if not is_main_process():
            return
        report = {**by_size([table], [float(network.threshold)]), "scale": self.scale}
        print(as_text(report))
        self.output_dir.mkdir(parents=True, exist_ok=True)
        scores = {name: v.tolist() if isinstance(v, torch.Tensor) else v for name, v in table.items()}
        content = {"threshold": float(network.threshold), "columns": scores}
        write_text(self.output_dir / "scores.json", json.dumps(content))
        write_text(self.output_dir / "by_size.json", json.dumps(report, indent=2) + "\n")
        write_text(self.output_dir / "by_size.tsv", as_tsv(report))
        detection_by_size(report, self.output_dir / "by_size.png")
        psychometric_curve(report, self.output_dir / "psychometric.png")
        reliability(report, self.output_dir / "reliability.png")
