"""Exports give the network's own scores, and inference runs on them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import nibabel as nib
import pytest
import torch
from monai.bundle import ConfigWorkflow
from torch import nn

from bundle.export import BATCHES, EXPORTS, SIZES, TOLERANCE, Export, compare, export, needs
from bundle.inference import inference_config, load_network
from scripts.network.exported import ExportedNetwork
from tests.conftest import INFERENCE, ROOT
from tests.heads import make_head

OVERLAY = str(ROOT / "configs" / "inference_exported.json")


@pytest.fixture(scope="module")
def stated(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, dict[str, Any]]]:
    folder = tmp_path_factory.mktemp("exports")
    return folder, {row["file"]: row for row in export(str(folder))}


@pytest.mark.parametrize("kind", EXPORTS, ids=lambda kind: kind.file)
def test_each_export_gives_the_same_scores_or_states_what_is_missing(stated: Any, kind: Export) -> None:
    folder, rows = stated
    row = rows[kind.file]
    if kind.missing():
        assert row == {"file": kind.file, "missing": kind.missing()}
        assert not (folder / kind.file).exists()
        return
    assert {(pair["batch"], *pair["size"]) for pair in row["compared_on"]} == {(n, *s) for n in BATCHES for s in SIZES}
    assert {1, 8} <= set(BATCHES) and len(SIZES) == 2 and TOLERANCE <= 1e-4
    assert row["max_score_difference"] <= kind.tolerance
    assert json.loads((folder / "exports.json").read_text())[0]["file"] == EXPORTS[0].file


def test_an_export_with_other_scores_is_an_error(tmp_path: Path) -> None:
    network = load_network(inference_config({"device": "cpu"}))
    EXPORTS[0].make(network, ROOT, tmp_path / "model.ts")
    with torch.no_grad():
        next(p for p in network.modules() if isinstance(p, nn.Conv2d)).weight *= 1.1
    with pytest.raises(ValueError, match=r"model\.ts: scores differ by .*expected 0\.0001 or less\. Do not use it"):
        compare(network, tmp_path / "model.ts", EXPORTS[0])


def test_a_file_that_is_no_export_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"model\.onnx: no such file\. Make the exports with"):
        ExportedNetwork(tmp_path / "model.onnx")
    (tmp_path / "renamed.ts").write_bytes(b"")
    with pytest.raises(ValueError, match=r"renamed\.ts: expected one of model\.ts, model\.onnx"):
        ExportedNetwork(tmp_path / "renamed.ts")
    assert needs("torch", "no_such_module") == "no_such_module"


def test_inference_runs_on_exports(stated: Any, tmp_path: Path) -> None:
    head = make_head("LPS", voxel=(2.5, 2.5, 2.5), noise=0.02, lesion="right")
    nib.save(nib.Nifti1Image(head.brain[0].numpy(), head.image.affine.numpy()), tmp_path / "brain.nii.gz")
    quick = {"dataset_dir": str(tmp_path / "brain.nii.gz"), "skull_strip": "none", "spacing": [2.0, 2.0, 4.0]}
    scores = {}
    for name in ("model.pt", "model.ts", "model.onnx"):
        settings = {"bundle_root": str(ROOT), "output_dir": str(tmp_path / name), "device": "$torch.device('cpu')"}
        if name != "model.pt":
            settings["export_path"] = str(stated[0] / name)
        config = INFERENCE if name == "model.pt" else [INFERENCE, OVERLAY]
        made = ConfigWorkflow(config, workflow_type="infer", logging_file=False, **settings, **quick)
        made.initialize()
        made.run()
        (file,) = (tmp_path / name).rglob("*_asymmetry.json")
        scores[name] = json.loads(file.read_text())
    for name, result in scores.items():
        assert result["score"] == pytest.approx(scores["model.pt"]["score"], abs=1e-4), name
        assert result["side"] == scores["model.pt"]["side"]
