"""The pipeline: each file of weights is read once, every transform has a stage, and errors are returned."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

from bundle.inference import inference_config, load_network
from bundle.predict.pipeline import OTHER, Pipeline
from scripts.network.siamese import SiameseNetwork
from scripts.skull_strip import learned
from tests.bundle.predict.test_predict import QUICK, save
from tests.conftest import ROOT
from tests.heads import make_head

pytestmark = pytest.mark.skipif(not (ROOT / "models" / "model.pt").exists(), reason="no trained weights here")


class Extra:
    """A transform that a user has added to ``configs/inference.json``."""

    def __call__(self, data: dict[str, Any]) -> dict[str, Any]:
        return {**data, "extra": True}


def test_each_file_of_weights_is_read_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scan = save(make_head("LPS", voxel=(2.5, 2.5, 2.5), noise=0.02, lesion="left"), tmp_path / "sub-01_T2w.nii.gz")
    reads: list[str] = []
    load = torch.load

    def counted(file: Any, *arguments: Any, **options: Any) -> Any:
        reads.append(Path(file).name)
        return load(file, *arguments, **options)

    monkeypatch.setattr(torch, "load", counted)
    learned.load_network.cache_clear()
    pipeline = Pipeline(QUICK)
    pipeline.after = [*pipeline.after, Extra()]
    data, seconds, error = pipeline({"image": str(scan)})
    assert error is None and data["extra"] and data["result"]["side"] == "left"
    assert sorted(reads) == ["model.pt", "skull_strip.pt"]
    assert seconds[OTHER] >= 0, "a transform without a stage does not stop the pipeline"
    assert set(seconds) == {"load", "skull_strip", "quality", "midline", "network", "result", "map", OTHER}


def test_an_error_is_returned(tmp_path: Path) -> None:
    outcome = Pipeline(QUICK)({"image": str(tmp_path / "nothing.nii.gz")})
    assert outcome.error is not None and outcome.error.code == "no_file"
    assert "result" not in outcome.data


def test_weights_that_do_not_fit_are_named(tmp_path: Path) -> None:
    torch.save(SiameseNetwork("compact", "local").state_dict(), tmp_path / "small.pt")
    settings = {"ckpt_path": str(tmp_path / "small.pt"), "device": "cpu"}
    assert isinstance(load_network(inference_config(settings)), SiameseNetwork)
    with pytest.raises(ValueError, match=r"small\.pt: the weights do not fit the network"):
        load_network(inference_config({**settings, "backbone": "compact_large", "comparison": "local"}))
    with pytest.raises(FileNotFoundError, match=r"nothing\.pt: no such file"):
        Pipeline({**QUICK, "ckpt_path": str(tmp_path / "nothing.pt")})
    with pytest.raises(ValueError, match=r"no key weights\. Choose of: .*ckpt_path"):
        Pipeline({**QUICK, "weights": "x.pt"})
