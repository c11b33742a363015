"""What the learned skull strip is trained on, and how."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from monai.bundle import ConfigParser

from scripts.skull_strip.network import StripNetwork
from scripts.skull_strip.training.clip_gradients import ClipGradients
from scripts.skull_strip.training.coarse_to_fine import PLANS, VIEWS, CoarseToFine
from scripts.skull_strip.training.label_maps import CODE, DrawLabelMapd
from scripts.skull_strip.training.random_image import RandHeadImaged

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def maps() -> list[dict]:
    """A newborn of the cohort's kind, and surroundings drawn at random."""
    draw = DrawLabelMapd()
    return [draw({"seed": 920_000}), draw({"seed": 920_001})]


def test_label_maps_are_heads_with_a_brain_inside(maps: list[dict]) -> None:
    for item in maps:
        labels, brain = item["labels"][0], item["brain"][0] > 0
        assert item["labels"].shape == item["brain"].shape
        assert 1000 < float(brain.sum()) * 8 / 1000 < 3200  # ml, in adult size
        assert not (labels[brain] == CODE["skin"]).any()
        assert not (labels[brain] == CODE["air"]).any()
        assert (labels == CODE["skull"]).any()


def test_a_seed_gives_one_map_and_one_image(maps: list[dict]) -> None:
    assert torch.equal(DrawLabelMapd()({"seed": 920_001})["labels"], maps[1]["labels"])
    images = [RandHeadImaged(canvas=(64, 64, 64), voxel=(3, 4))({**maps[0], "image_seed": s}) for s in (1, 1, 2)]
    assert torch.equal(images[0]["image"], images[1]["image"])
    assert not torch.equal(images[0]["image"], images[2]["image"])
    assert images[0]["image"].shape == images[0]["label"].shape == (1, 64, 64, 64)
    assert float(images[0]["label"].min()) >= 0 and float(images[0]["label"].max()) <= 1 + 1e-5


def test_images_are_finite_and_show_brain(maps: list[dict]) -> None:
    draw = RandHeadImaged(canvas=(48, 48, 48), voxel=(3, 6)).set_random_state(seed=0)
    for k in range(20):
        out = draw(maps[k % 2])
        assert bool(torch.isfinite(out["image"]).all())
        assert float(out["label"].sum()) > 100


def test_from_coarse_to_fine() -> None:
    for plan in PLANS.values():
        assert sum(share for share, _ in plan) == pytest.approx(1)
    transform = SimpleNamespace()
    handler = CoarseToFine(transform, seed=3)
    seen = []
    for epoch in range(1, 21):
        for iteration in range(10):
            handler(
                SimpleNamespace(state=SimpleNamespace(epoch=epoch, max_epochs=20, iteration=10 * epoch + iteration))
            )
            seen.append(transform.canvas)
    assert set(seen[:80]) == {VIEWS["field of view"].canvas}
    assert VIEWS["brain"].canvas in seen[-50:] and VIEWS["head"].canvas not in seen[-50:]


def test_a_step_that_is_not_finite_is_left_out() -> None:
    layer = torch.nn.Linear(2, 1)
    clip = ClipGradients(layer, 1.0)
    layer(torch.full((1, 2), 100.0)).sum().backward()
    clip(None)
    assert float(torch.cat([p.grad.flatten() for p in layer.parameters()]).norm()) == pytest.approx(1, abs=1e-4)
    layer(torch.full((1, 2), torch.inf)).sum().backward()
    clip(None)
    assert clip.skipped == 1
    assert all(p.grad is None for p in layer.parameters())


def test_the_network_answers_for_every_voxel() -> None:
    network = StripNetwork()
    assert network(torch.rand(2, 1, 32, 48, 32)).shape == (2, 1, 32, 48, 32)
    assert sum(p.numel() for p in network.parameters()) * 4 < 5_000_000


@pytest.mark.slow
def test_the_config_trains(tmp_path: Path) -> None:
    parser = ConfigParser()
    parser.read_config(str(ROOT / "configs" / "skull_strip_train.json"))
    parser.update(
        {
            "maps": 2,
            "val_maps": 1,
            "epochs": 2,
            "val_interval": 2,
            "maps_dir": str(tmp_path / "maps"),
            "ckpt_dir": str(tmp_path),
            "device": "$torch.device('cpu')",
            "amp": False,
        }
    )
    parser.get_parsed_content("run")
    weights = torch.load(tmp_path / "skull_strip.pt", weights_only=True)
    StripNetwork().load_state_dict(weights)
    assert np.isfinite(parser.get_parsed_content("validate::evaluator").state.metrics["val_dice"])
