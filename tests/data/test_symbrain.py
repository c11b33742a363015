"""SymBrain's parquet, in exactly its schema, with slices drawn here."""

import io
import json

import numpy as np
import pytest
import torch
from monai.bundle import ConfigWorkflow
from PIL import Image

from scripts.data.split import SPLITS
from scripts.data.symbrain import dataset, parse_line, preprocessing
from tests.conftest import EVALUATE, ROOT, TINY, TRAIN

pa = pytest.importorskip("pyarrow")
LINE = "[{'x': 30.53, 'y': 137.73} {'x': 246.75, 'y': 147.18}]"


def picture(number: int) -> bytes:
    """An axial head that lies on its side, front to the right, the midline near row 145: 290x290 RGBA, 0.5 mm."""
    row, column = np.meshgrid(np.arange(290) - 145.0, np.arange(290) - 145.0, indexing="ij")
    radius = np.hypot(row / 88, column / 108)
    grey = np.where(radius < 1.16, 150.0, 0)  # scalp
    grey = np.where(radius < 1.06, 12.0, grey)  # skull
    brain = 110 + 40 * np.cos(row / 6) * np.cos(column / 7) + np.random.default_rng(number).normal(0, 4, row.shape)
    grey = np.where(radius < 1, brain, grey).clip(0, 255).astype(np.uint8)
    out = io.BytesIO()
    Image.fromarray(np.dstack([grey] * 3 + [np.where(grey > 0, 255, 0).astype(np.uint8)]), "RGBA").save(out, "PNG")
    return out.getvalue()


@pytest.fixture(scope="module")
def symbrain(tmp_path_factory):
    """Six sessions, three slices each in both contrasts; the files are named as on the hub."""
    import pyarrow.parquet as pq

    folder = tmp_path_factory.mktemp("symbrain")
    for contrast in ("train", "test"):
        rows = [(session, d) for session in range(13801, 13807) for d in range(3)]
        table = pa.table(
            {
                "image": [{"bytes": picture(session), "path": f"{session}_{d}.png"} for session, d in rows],
                "line": ["[{'x': 30.5, 'y': 145.0} {'x': 246.75, 'y': 145.0}]"] * len(rows),
                "rad_score": ["1"] * len(rows),
                "session": pa.array([session for session, _ in rows], pa.int64()),
            }
        )
        (folder / "data").mkdir(exist_ok=True)
        pq.write_table(table, folder / "data" / f"{contrast}-00000-of-00001.parquet")
    return folder


def test_splits_by_session(symbrain):
    parts = {split: dataset(str(symbrain), split) for split in SPLITS}
    sessions = {split: {item["subject"] for item in items} for split, items in parts.items()}
    assert sum(map(len, parts.values())) == 36
    assert len(set.union(*sessions.values())) == sum(map(len, sessions.values())) == 6
    item = parts["test"][0]
    assert item["line"] == [(145.0, 30.5), (145.0, 246.75)]
    assert len({item["case"] for items in parts.values() for item in items}) == 36


def test_from_a_picture_to_a_pair(symbrain):
    item = dataset(str(symbrain), "test")[0]
    pair = preprocessing(skull_strip="classic", size=(96, 224))(item)["image"]
    assert pair.shape == (2, 96, 224, 1)
    brain = pair != 0
    assert brain.any(-2).squeeze().sum(1).tolist() == pytest.approx([88, 88], abs=6), "no scalp, the midline at 0"
    difference = (pair[0] - pair[1])[brain.all(0)]
    assert difference.abs().mean() < 0.4, "the drawing is symmetric but for its noise"


@pytest.mark.parametrize(
    ("text", "points"),
    [
        (LINE, [(137.73, 30.53), (147.18, 246.75)]),
        ("[{'x': 1, 'y': -2},\n {'x': 3e1, 'y': 4}]", [(-2.0, 1.0), (4.0, 30.0)]),
    ],
)
def test_a_line_is_read(text, points):
    assert parse_line(text) == points


@pytest.mark.parametrize(
    "text", ["", "[]", "[{'x': 1, 'y': 2}]", LINE + LINE, "__import__('os')", LINE[:-1] + ", __import__('os')]"]
)
def test_a_line_is_never_evaluated(text):
    with pytest.raises(ValueError, match="row 7: expected a midline of two points"):
        parse_line(text, "row 7")


def test_errors(tmp_path):
    import pyarrow.parquet as pq

    with pytest.raises(FileNotFoundError, match=r"holds no parquet file.*agucci/mri-sym2"):
        dataset(str(tmp_path), "test")
    pq.write_table(pa.table({"image": ["a"], "session": [1]}), tmp_path / "train.parquet")
    with pytest.raises(ValueError, match="expected the columns image, line, session, found image, session"):
        dataset(str(tmp_path), "test")


def test_trains_and_evaluates(symbrain, tmp_path):
    overlay = str(ROOT / "configs" / "symbrain.json")
    settings = {**TINY, "dataset_dir": str(symbrain), "ckpt_dir": str(tmp_path), "output_dir": str(tmp_path / "out")}
    settings |= {"skull_strip": "classic", "spacing": [1.0, 1.0, 1.0], "hemisphere_size": [48, 112], "epochs": 1}
    settings["slices_per_scan"] = 1
    for config in ([TRAIN, overlay], [TRAIN, overlay, EVALUATE]):
        made = ConfigWorkflow(config, workflow_type="train", logging_file=False, **settings)
        made.initialize()
        made.run()
    report = json.loads((tmp_path / "out" / "by_size.json").read_text())
    assert report["normal_slices"] == len(dataset(str(symbrain), "test"))
    assert torch.load(tmp_path / "model.pt", weights_only=True)
