"""The table of an evaluation: for every kind and size of asymmetry, how well it is seen."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import torch
from ignite.engine import Engine, Events
from torch import nn

from ..atomic_write import write_text
from .baseline import difference_score
from .collect import CollectScores
from .figures.by_size import accuracy_by_size
from .figures.psychometric import psychometric_curve
from .figures.reliability import reliability
from .summary import by_size
from .tables import as_text, as_tsv


class ReportBySize:
    """Print and write how well each kind and size is seen; a handler of the evaluator.

    Writes ``by_size.tsv``, ``by_size.json`` and the figures ``by_size.png``, ``psychometric.png`` and
    ``reliability.png`` to ``output_dir``, each whole or not at all, and the scores that they are made of, slice by
    slice, as ``scores.json``.

    Args:
        network: whose ``threshold`` makes the accuracy.
        output_dir: made if it is missing.
        scale: unit of the sizes, for the headings: ``side_mm`` or ``area_mm2``.
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
        table = self.collect.table()
        report = by_size([table], [float(network.threshold)])
        report["scale"] = self.scale
        print(as_text(report))
        self.output_dir.mkdir(parents=True, exist_ok=True)
        scores = {name: v.tolist() if isinstance(v, torch.Tensor) else v for name, v in table.items()}
        write_text(
            self.output_dir / "scores.json", json.dumps({"threshold": report["thresholds"][0], "columns": scores})
        )
        write_text(self.output_dir / "by_size.json", json.dumps(report, indent=2) + "\n")
        write_text(self.output_dir / "by_size.tsv", as_tsv(report))
        accuracy_by_size(report, self.output_dir / "by_size.png")
        psychometric_curve(report, self.output_dir / "psychometric.png")
        reliability(report, self.output_dir / "reliability.png")
