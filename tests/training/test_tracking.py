"""A tracked training shows loss, the metrics of each size, the stage and an example map."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from ignite.engine import Engine, Events
from monai.handlers import from_engine

from scripts.training.tracking import ListOutput, TrackSizes, example_map
from tests.conftest import ROOT, TRAIN

LOSS = from_engine(["loss"], first=True)
"""What ``--tracking mlflow`` gives MONAI's handler."""


def test_the_auc_of_each_size_stands_among_the_metrics() -> None:
    pred = torch.full((4, 2, 8, 8), -3.0)
    pred[2], pred[3] = 3.0, -4.0
    lesion_types, sizes = ["normal", "normal", "physical", "physical"], [0.0, 0.0, 20.0, 5.0]
    batch: dict[str, Any] = {"lesion_type": lesion_types, "size": torch.tensor(sizes), "contrast": torch.zeros(4)}
    batch |= {"slice": torch.zeros(1), "case": ["a"], "subject": ["a"], "row": torch.zeros(4, dtype=torch.long)}
    label = torch.zeros_like(pred)
    label[2:, 0, 2:4, 2:4] = 1
    engine = Engine(lambda engine, data: {"image": torch.ones_like(pred), "pred": pred, "label": label})
    TrackSizes().attach(engine)
    engine.run([batch])
    assert engine.state.metrics == {"val_auc_physical_20": 1.0, "val_auc_physical_5": 0.0}


def test_the_loss_is_read_as_mlflow_reads_it() -> None:
    read = []
    engine = Engine(lambda engine, data: {"loss": torch.tensor(data)})
    ListOutput().attach(engine)
    engine.add_event_handler(Events.ITERATION_COMPLETED, lambda engine: read.append(LOSS(engine.state.output)))
    engine.run([0.25, 0.5])
    assert [float(loss) for loss in read] == [0.25, 0.5]


def test_the_example_shows_the_largest_lesion() -> None:
    image, label = torch.rand(3, 2, 6, 10), torch.zeros(3, 2, 6, 10)
    label[1, 1, 5, 9] = 1
    shown = example_map({"image": image, "pred": torch.zeros_like(image), "label": label})
    assert shown.shape == (1, 1, 30, 12)
    assert shown[0, 0, 20, 11] == 1 and shown[0, 0, 20:].sum() == 1, "anterior up, the right hemisphere on the right"
    assert (shown[0, 0, 10:20] == 0.5).all()


def test_tensorboard_has_all(workflow: Any, tmp_path: Path) -> None:
    accumulator = pytest.importorskip("tensorboard.backend.event_processing.event_accumulator")
    made = workflow(TRAIN, "train")
    made.run()
    tags: dict[str, set[str]] = {"scalars": set(), "images": set()}
    for file in (tmp_path / "out").glob("events.out.tfevents*"):
        logged = accumulator.EventAccumulator(str(file)).Reload().Tags()
        for kind, names in tags.items():
            names.update(logged[kind])
    assert {"train_loss", "train_auc", "val_auc", "curriculum_stage"} <= tags["scalars"]
    assert {name for name in tags["scalars"] if name.startswith("val_auc_physical_")}
    assert tags["images"]


def test_mlflow_has_all(workflow: Any, tmp_path: Path) -> None:
    mlflow = pytest.importorskip("mlflow")
    workflow(TRAIN, "train", tracking=str(ROOT / "configs" / "mlflow.json")).run()
    client = mlflow.MlflowClient(tracking_uri=f"sqlite:///{tmp_path / 'out' / 'mlruns.db'}")
    (run,) = client.search_runs([client.get_experiment_by_name("neonatal_brain_symmetry").experiment_id])
    assert {"train_loss", "train_auc", "val_auc", "curriculum_stage"} <= set(run.data.metrics)
    assert {name for name in run.data.metrics if name.startswith("val_auc_physical_")}
    assert {"example_map_0001.png", "example_map_0002.png"} <= {
        file.path for file in client.list_artifacts(run.info.run_id)
    }


def test_the_example_is_grey_where_the_brain_is() -> None:
    image = torch.tensor([0.0, -3.0, 0.3, 9.0]).repeat(2, 4, 1)[None]
    shown = example_map({"image": image, "pred": torch.zeros_like(image), "label": torch.zeros_like(image)})[0, 0]
    assert sorted({round(float(value), 2) for value in shown[:4].flatten()}) == [0.0, 0.55, 1.0]
