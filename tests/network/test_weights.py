"""A file of weights is read once, says which network it belongs to, and is an error if it does not fit."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest
import torch
from ignite.engine import Engine
from monai.bundle import ConfigParser

from scripts.network.backbones import COMPACT
from scripts.network.siamese import SiameseNetwork
from scripts.network.weights import NetworkCheckpointLoader, Weights
from tests.conftest import EVALUATE, INFERENCE, ROOT, TRAIN

FINETUNE, CALIBRATE = (str(ROOT / "configs" / f"{name}.json") for name in ("finetune", "calibrate"))


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The files that ``torch.load`` has read."""
    files: list[str] = []
    load = torch.load

    def counted(file: Any, *arguments: Any, **options: Any) -> Any:
        files.append(Path(file).name)
        return load(file, *arguments, **options)

    monkeypatch.setattr(torch, "load", counted)
    return files


@pytest.mark.parametrize("nested", [False, True])
def test_everything_comes_from_one_read(nested: bool, tmp_path: Path, reads: list[str]) -> None:
    network = SiameseNetwork("compact_large", "context")
    network.threshold.fill_(1.25)
    file = tmp_path / "model.pt"
    torch.save({"model": network.state_dict(), "trainer": {}} if nested else network.state_dict(), file)
    weights = Weights(file)
    assert reads == [], "it is read when it is needed"
    assert (weights.backbone, weights.comparison_on(weights.backbone)) == ("compact_large", "context")
    assert weights.threshold == 1.25
    assert weights.sha256 == hashlib.sha256(file.read_bytes()).hexdigest()
    loaded = weights.load(SiameseNetwork("compact_large", "context"))
    assert all(torch.equal(value, loaded.state_dict()[name]) for name, value in network.state_dict().items())
    assert reads == ["model.pt"]


def test_without_a_file_the_defaults_are_used(tmp_path: Path) -> None:
    weights = Weights(tmp_path / "nothing.pt", backbone="compact_large", comparison="context")
    assert (weights.backbone, weights.comparison_on("compact")) == ("compact_large", "context")
    assert (weights.threshold, weights.sha256) == (0.0, "")
    with pytest.raises(FileNotFoundError, match=r"nothing\.pt: no such file\. Expected the weights"):
        weights.load(SiameseNetwork())


def test_weights_that_do_not_fit_are_an_error_that_names_the_file(tmp_path: Path) -> None:
    torch.save(SiameseNetwork("compact", "local").state_dict(), tmp_path / "model.pt")
    weights = Weights(tmp_path / "model.pt")
    with pytest.raises(ValueError, match=r"model\.pt: the weights do not fit the network: \d+ of another shape \(enc"):
        weights.load(SiameseNetwork("compact_large", "local"))
    extended = SiameseNetwork("compact", "context")
    with pytest.raises(ValueError, match=r"model\.pt: .*\d+ missing \(head\.context\..*Name the backbone"):
        weights.load(extended)
    weights.load(extended, strict=False)  # fine-tuning may add a context
    with pytest.raises(RuntimeError, match="Missing key"):
        extended.load_state_dict(weights.state_dict, strict=False)  # as MONAI Label asks


@pytest.mark.parametrize("content", [b"no weights", None, torch.ones(3)], ids=["text", "empty", "tensor"])
def test_a_file_of_something_else_is_named(content: Any, tmp_path: Path) -> None:
    file = tmp_path / "model.pt"
    if isinstance(content, torch.Tensor):
        torch.save(content, file)
    else:
        file.write_bytes(content or b"")
    with pytest.raises(ValueError, match=r"model\.pt: expected the weights of a network"):
        Weights(file).load(SiameseNetwork())


def test_a_handler_loads_at_the_start(tmp_path: Path) -> None:
    network = SiameseNetwork()
    network.threshold.fill_(2.0)
    torch.save(network.state_dict(), tmp_path / "model.pt")
    wrapped = torch.nn.Module()
    wrapped.module = SiameseNetwork()  # as DistributedDataParallel does
    engine = Engine(lambda engine, batch: None)
    NetworkCheckpointLoader(Weights(tmp_path / "model.pt"), wrapped).attach(engine)
    engine.run([0])
    assert float(wrapped.module.threshold) == 2.0
    assert "CheckpointLoader" in NetworkCheckpointLoader.__name__, "MONAI's federated client looks for it"


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
def test_every_config_builds_the_network_of_its_weights(
    configs: list[str], key: str, backbone: str, comparison: str, tmp_path: Path, reads: list[str]
) -> None:
    torch.save(SiameseNetwork(backbone, comparison).state_dict(), tmp_path / "model.pt")
    parser = ConfigParser()
    parser.read_config(configs)
    parser.update({key: str(tmp_path if key == "ckpt_dir" else tmp_path / "model.pt"), "bundle_root": str(ROOT)})
    parser.get_parsed_content("weights").load(parser.get_parsed_content("network_def"))  # raises if a shape differs
    assert reads == ["model.pt"]


@pytest.mark.parametrize("there", [True, False])
def test_the_shipped_weights_fit_their_config(there: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)  # MONAI's export, too, builds the network in any folder without the bundle's root
    parser = ConfigParser()
    parser.read_config(INFERENCE)
    if there:
        parser["bundle_root"] = str(ROOT)
    network = parser.get_parsed_content("network_def")
    Weights(ROOT / "models" / "model.pt").load(network)
    assert float(network.threshold) != 0
