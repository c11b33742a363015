"""What loads weights recognises their backbone and head: every name, from files of every kind."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from monai.bundle import ConfigParser

from scripts.network.architecture import backbone_of, comparison_of
from scripts.network.backbones import COMPACT, FAMILIES
from scripts.network.siamese import COMPARISONS, SiameseNetwork
from tests.conftest import EVALUATE, INFERENCE, ROOT, TRAIN

FINETUNE, CALIBRATE = (str(ROOT / "configs" / f"{name}.json") for name in ("finetune", "calibrate"))


@pytest.mark.parametrize("backbone", [*COMPACT, *FAMILIES])
def test_a_backbone_is_known_by_its_weights(backbone: str, tmp_path: Path) -> None:
    file = tmp_path / "model.pt"
    torch.save(SiameseNetwork(backbone).state_dict(), file)
    before = torch.get_rng_state()
    assert backbone_of(str(file)) == backbone
    assert torch.equal(torch.get_rng_state(), before), "a training must not depend on it"


@pytest.mark.parametrize("comparison", COMPARISONS)
def test_whatever_the_head_and_the_checkpoint(comparison: str, tmp_path: Path) -> None:
    file = tmp_path / "checkpoint.pt"
    torch.save({"model": SiameseNetwork("compact_large", comparison).state_dict(), "trainer": {}}, file)
    assert backbone_of(str(file)) == "compact_large"
    assert comparison_of(str(file), "compact_large") == comparison


def test_a_stranger_is_an_error_and_a_missing_file_none(tmp_path: Path) -> None:
    file = tmp_path / "model.pt"
    torch.save(SiameseNetwork("resnet26").state_dict(), file)
    with pytest.raises(ValueError, match=r"model\.pt: expected the weights of one of .*compact_large.*vgg.*'backbone'"):
        backbone_of(str(file))
    with pytest.raises(ValueError, match=r"model\.pt: expected the weights of one of the comparisons local, .*'compact'"):
        comparison_of(str(file), "compact")
    nothing = str(tmp_path / "nothing.pt")
    assert (backbone_of(nothing), comparison_of(nothing, "compact")) == ("compact", "local")


@pytest.mark.parametrize(
    ("configs", "key"),
    [
        ([INFERENCE], "ckpt_path"),
        ([TRAIN, EVALUATE], "ckpt_dir"),
        ([TRAIN, FINETUNE], "start"),
        ([TRAIN, CALIBRATE], "start"),
    ],
)
@pytest.mark.parametrize("backbone", COMPACT)
@pytest.mark.parametrize("comparison", ["local", "context"])
def test_every_config_that_loads_weights_takes_their_backbone_and_head(
    configs: list[str], key: str, backbone: str, comparison: str, tmp_path: Path
) -> None:
    weights = SiameseNetwork(backbone, comparison).state_dict()
    torch.save(weights, tmp_path / "model.pt")
    parser = ConfigParser()
    parser.read_config(configs)
    parser.update({key: str(tmp_path if key == "ckpt_dir" else tmp_path / "model.pt"), "bundle_root": str(ROOT)})
    network: Any = parser.get_parsed_content("network_def")
    network.load_state_dict(weights)  # raises where a shape differs


@pytest.mark.parametrize("there", [True, False])
def test_the_shipped_weights_fit_their_config(there: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)  # where MONAI's export builds the network, too, without the bundle's root
    parser = ConfigParser()
    parser.read_config(INFERENCE)
    if there:
        parser["bundle_root"] = str(ROOT)
    models = ROOT / "models"
    if not there and (models / "checkpoint.pt").exists():
        pytest.skip("a training has put weights of its own here, which are known by their file alone")
    network = parser.get_parsed_content("network_def")
    network.load_state_dict(torch.load(models / "model.pt", weights_only=True))
    assert float(network.threshold) != 0
