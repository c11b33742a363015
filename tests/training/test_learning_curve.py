"""A training writes its learning curve beside its weights, also if it was resumed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from ignite.engine import Engine, Events

from scripts.training.learning_curve import WriteCurve


def train(path: Path, first: int, last: int) -> list[str]:
    """Train for the epochs from ``first`` to ``last``, of two iterations each; every second one is validated."""
    validator, trainer = Engine(lambda e, b: None), Engine(lambda e, b: {"loss": torch.tensor(float(b))})
    for engine, name in ((trainer, "train_auc"), (validator, "val_auc")):
        state: Any = engine.state
        state.key_metric_name = name

    @trainer.on(Events.EPOCH_COMPLETED)
    def measure(engine: Engine) -> None:
        engine.state.metrics["train_auc"] = engine.state.epoch / 10
        if engine.state.epoch % 2 == 0:
            validator.state.metrics["val_auc"] = engine.state.epoch / 20
            validator.state.epoch = engine.state.epoch

    WriteCurve(path, validator).attach(trainer)
    trainer.load_state_dict({"epoch": first - 1, "max_epochs": last, "epoch_length": 2})
    trainer.run([1, 2], max_epochs=last)
    return path.read_text().splitlines()


def test_a_row_for_each_epoch(tmp_path: Path) -> None:
    assert train(tmp_path / "new" / "training.tsv", 1, 2) == [
        "epoch\ttrain_loss\ttrain_auc\tval_auc",
        "1\t1.5000\t0.1000\tn/a",
        "2\t1.5000\t0.2000\t0.1000",
    ]


def test_a_resumed_training_continues_the_file_and_a_new_one_replaces_it(tmp_path: Path) -> None:
    path = tmp_path / "training.tsv"
    train(path, 1, 4)
    assert [line.split("\t")[0] for line in train(path, 3, 3)] == ["epoch", "1", "2", "3"]
    assert [line.split("\t")[0] for line in train(path, 4, 5)] == ["epoch", "1", "2", "3", "4", "5"]
    assert [line.split("\t")[0] for line in train(path, 1, 1)] == ["epoch", "1"]
