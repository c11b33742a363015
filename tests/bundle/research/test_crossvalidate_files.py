"""What a cross-validation writes: masks, final weights, and the reference of normal scans."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import nibabel as nib
import numpy as np
import pytest
import torch

from bundle.research.benchmark.newborns.each_case import Measured
from bundle.research.crossvalidate import crossvalidate, final, reference, strips
from bundle.research.crossvalidate.folds import Fold, make_folds
from bundle.research.crossvalidate.masks import make_masks
from bundle.research.crossvalidate.reference import write_reference
from bundle.research.crossvalidate.strips import with_reference
from scripts.network.weights import sha256
from scripts.results.reference import read_reference
from tests.conftest import ROOT
from tests.heads import make_head

MODEL = ROOT / "models" / "synthetic" / "model.pt"


def test_masks_are_on_the_grid_of_the_scan_and_made_once(tmp_path: Path) -> None:
    head = make_head("LAS", contrast="T2")
    affine = head.image.affine.numpy()
    nib.save(nib.Nifti1Image(head.image[0].numpy(), affine), tmp_path / "sub-1_T2w.nii.gz")
    scan: Any = {"image": str(tmp_path / "sub-1_T2w.nii.gz"), "subject": "sub-1", "case": "sub-1_T2w"}
    fold = Fold(tmp_path / "fold_0", [], [], [scan])
    strip = ROOT / "models" / "synthetic" / "skull_strip.pt"
    made = make_masks([fold], [strip])
    file = Path(made["sub-1_T2w"])
    mask, written = nib.load(file), file.stat().st_mtime_ns
    assert np.allclose(mask.affine, affine) and mask.shape == head.image.shape[1:]
    assert set(np.unique(np.asarray(mask.dataobj))) == {0, 1}
    assert make_masks([fold], [strip]) == made and file.stat().st_mtime_ns == written


def test_a_skull_strip_learns_from_the_other_folds_and_the_final_one_from_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    learnt: dict[str, set[str]] = {}

    def training(run_id: str, configs: Any, overrides: dict[str, Any]) -> None:
        seen = json.loads(Path(overrides["heads"]).read_text())["training"]
        assert all(scan["brain_mask"] == "tight" for scan in seen)
        assert overrides["start"].endswith(strips.START)
        folder = Path(overrides["ckpt_dir"])
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "skull_strip.pt").touch()
        learnt[str(folder)] = {scan["subject"] for scan in seen}

    monkeypatch.setattr(strips, "bundle_run", training)
    monkeypatch.setattr(strips, "run_all", lambda tasks: [task.function(*task.args) for task in tasks])
    scans: list[Any] = [{"image": f"sub-{k}.nii.gz", "case": f"sub-{k}", "subject": f"sub-{k}"} for k in range(6)]
    folds = make_folds([{**scan, "brain_mask": "tight"} for scan in scans], 3, tmp_path)
    files = strips.train_strips(folds)
    for fold, file in zip(folds, files, strict=True):
        tested = {scan["subject"] for scan in fold.test}
        assert file.exists() and learnt[str(file.parent)] == {scan["subject"] for scan in scans} - tested
    everyone = [scan for fold in folds for scan in fold.test]
    file = final.final_strip(everyone, tmp_path)
    assert file.exists() and learnt[str(file.parent)] == {scan["subject"] for scan in scans}
    learnt.clear()
    assert strips.train_strips(folds) == files and final.final_strip(everyone, tmp_path) == file
    assert not learnt  # all is there


def test_a_scan_without_a_reference_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"sub-1_T1w.nii.gz: expected a reference mask beside it"):
        with_reference({"image": str(tmp_path / "sub-1_T1w.nii.gz"), "subject": "sub-1"})


@pytest.mark.parametrize("option", [{"strips": "own"}, {"only": "masks"}, {"learn_from": "adults"}])
def test_another_value_of_an_option_is_refused(option: dict[str, Any], tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="expected one of"):
        crossvalidate(str(tmp_path), str(tmp_path / "out"), **option)


def test_final_weights_are_the_mean_of_all_calibrated_by_the_folds(tmp_path: Path) -> None:
    lesion = (torch.arange(200) % 2).float()
    values = 2 * torch.randn(200, generator=torch.Generator().manual_seed(0)) + 3 * lesion
    evidence = {
        "evidence": values.view(-1, 1, 1, 1).expand(200, 2, 4, 4).clone(),
        "brain": torch.ones(200, 2, 4, 4).bool(),
        "lesion": lesion,
    }
    torch.save(evidence, tmp_path / "evidence.pt")
    network = torch.load(MODEL, weights_only=True)
    networks = []
    for k, shift in enumerate((-1, 0, 4)):
        moved = {name: value + shift if value.is_floating_point() else value for name, value in network.items()}
        networks.append(tmp_path / f"{k}.pt")
        torch.save(moved, networks[-1])
    made = torch.load(final.final_network(networks, [tmp_path / "evidence.pt"], tmp_path), weights_only=True)
    assert list(made) == list(network)
    for name, value in network.items():
        assert made[name].dtype == value.dtype and made[name].shape == value.shape
        if name not in ("calibration.scale", "calibration.bias", "threshold"):
            assert torch.allclose(made[name], value + value.is_floating_point(), atol=1e-5), name


def test_a_reference_is_read_by_predict(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    logits = np.linspace(-2, 2, 24).tolist()
    of_two_seeds = [
        {"subject": f"sub-{n // 2}", "scores": [x - 1, x + 1], "peaks": [x, x + 2], "asymmetry_indices": [0.01, 0.03]}
        for n, x in enumerate(logits)
    ]
    monkeypatch.setattr(reference, "read_cases", lambda *args: [])
    monkeypatch.setattr(reference, "measure_each", lambda *args: Measured(of_two_seeds, []))
    output = write_reference("scans", tmp_path / "networks.json", MODEL, "24 scans of 12 newborns", tmp_path)
    made: Any = read_reference(output)
    assert made["kind"] == "24 scans of 12 newborns" and made["weights"] == sha256(MODEL)
    assert made["scores"][-1] == pytest.approx(1 / (1 + math.exp(-2))) and made["asymmetry_indices"] == [0.02] * 24
    assert made["subjects"] == [n // 2 for n in range(24)] and "sub" not in json.dumps(made["leave_one_out"])


def test_no_reference_without_every_scan(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    failed = [{"case": "sub-1_T1w", "error": "empty"}]
    monkeypatch.setattr(reference, "read_cases", lambda *args: [])
    monkeypatch.setattr(reference, "measure_each", lambda *args: Measured([], failed))
    with pytest.raises(RuntimeError, match="1 scans failed, first"):
        write_reference("scans", tmp_path / "networks.json", MODEL, "normal newborns", tmp_path)
    assert not (tmp_path / "normative.json").exists()
