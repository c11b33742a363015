"""A calibration changes two numbers, corrects an overconfident network, and sets the threshold of the new scores."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest
import torch
from ignite.engine import Engine, Events

from scripts.network.score import OUTSIDE, slice_scores, with_scores
from scripts.network.siamese import SiameseNetwork
from scripts.training.calibrate import Recalibrate
from tests.conftest import ROOT, TRAIN

CALIBRATE = str(ROOT / "configs" / "calibrate.json")
SCALE, BIAS = 0.7, -0.6
"""The calibration with which the scores of :func:`evaluated` are true probabilities."""


def evaluated(network: SiameseNetwork, lesions: bool = True) -> float:
    """Evaluate slices whose lesions are drawn with the probability of a calibrated score; return their share."""
    generator = torch.Generator().manual_seed(0)
    shares = []

    def step(engine: Engine, batch: Any) -> dict[str, torch.Tensor]:
        brain = torch.zeros(64, 2, 16, 16)
        brain[:, :, 2:14, 2:14] = 1
        raw = (4 * torch.randn(128, 1, 1, 1, generator=generator)).expand(128, 1, 8, 8)
        network.calibration(raw)
        left, right = (SCALE * raw + BIAS).chunk(2)
        limited = network.limit * torch.tanh(torch.cat([left, right], 1) / network.limit)
        true = slice_scores(torch.where(brain[:, :, ::2, ::2] > 0, limited, OUTSIDE)).sigmoid()
        drawn = torch.rand(64, generator=generator) < true
        shares.append(float(drawn.float().mean()))
        return {"image": brain, "label": brain * (drawn & lesions)[:, None, None, None]}

    engine = Engine(step)
    Recalibrate(network).attach(engine)
    engine.run(range(60))
    return sum(shares) / len(shares)


def test_scale_and_bias_are_recovered_and_nothing_else_changes() -> None:
    torch.manual_seed(0)
    network = SiameseNetwork("compact")
    with torch.no_grad():
        network.calibration.scale.fill_(3)
    before = {name: value.clone() for name, value in network.state_dict().items()}
    share = evaluated(network)
    after = network.state_dict()
    assert {name for name in after if not torch.equal(after[name], before[name])} == {
        "calibration.scale",
        "calibration.bias",
    }
    assert network.calibration.scale.item() == pytest.approx(SCALE, abs=0.06)
    prior = math.log(share / (1 - share))  # half of the slices count as normal, whatever their number
    assert network.calibration.bias.item() == pytest.approx(BIAS - prior, abs=0.1)
    assert all(parameter.grad is None for parameter in network.parameters())
    assert not network.calibration._forward_hooks, "the hook is removed"


def test_lesions_and_normals_are_both_needed() -> None:
    with pytest.raises(ValueError, match="needs normal slices and slices with a lesion"):
        evaluated(SiameseNetwork("compact"), lesions=False)


@pytest.mark.parametrize("workers", [0, 2])
def test_the_config_writes_weights_with_their_own_threshold(
    workflow: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, workers: int
) -> None:
    monkeypatch.chdir(tmp_path)
    torch.manual_seed(0)
    network = SiameseNetwork("compact_large")
    torch.save(network.state_dict(), tmp_path / "start.pt")
    out = tmp_path / "calibrated"
    settings = {"ckpt_dir": str(out), "target_fpr": 0.25, "num_workers": workers}
    made = workflow([TRAIN, CALIBRATE], start=str(tmp_path / "start.pt"), **settings)
    made.run()
    after = torch.load(out / "model.pt", weights_only=True)
    changed = {name for name, value in network.state_dict().items() if not torch.equal(value, after[name])}
    assert changed == {"calibration.scale", "calibration.bias", "threshold"}
    evaluator = made.parser.get_parsed_content("validate::evaluator")
    scores: list[torch.Tensor] = []

    def collect(engine: Any) -> None:
        normal = [lesion_type == "normal" for lesion_type in engine.state.batch["lesion_type"]]
        scores.append(with_scores(engine.state.output)["score"][normal])

    evaluator.add_event_handler(Events.ITERATION_COMPLETED, collect)
    evaluator.run()  # its network is the calibrated one
    expected = torch.quantile(torch.cat(scores), 0.75)
    assert after["threshold"].item() == pytest.approx(expected.item(), abs=1e-5)


def test_weights_that_are_missing_are_named(workflow: Any, tmp_path: Path) -> None:
    made = workflow([TRAIN, CALIBRATE], start=str(tmp_path / "nothing.pt"), ckpt_dir=str(tmp_path / "calibrated"))
    with pytest.raises(RuntimeError, match="load") as failed:
        made.run()
    cause = str(failed.getrepr(chain=True))
    assert "FileNotFoundError" in cause and "nothing.pt" in cause
    assert not (tmp_path / "calibrated" / "model.pt").exists()
