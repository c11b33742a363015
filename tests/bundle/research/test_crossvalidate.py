"""Cross-validation: no subject is tested by what has seen it, and a fold is calibrated by the others."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch

from bundle.research.crossvalidate.crossfit import calibrate, crossfit
from bundle.research.crossvalidate.evaluate import pooled
from bundle.research.crossvalidate.folds import make_folds
from bundle.research.crossvalidate.networks import fold_datalist
from scripts.training.evidence import Evidence

SCANS: list[Any] = [
    {"image": f"/data/sub-{k:02d}_{c}.nii.gz", "subject": f"sub-{k:02d}", "case": f"sub-{k:02d}_{c}"}
    for k in range(12)
    for c in ("T1w", "T2w")
]


def evidence(seed: int, level: float = 0.0) -> Evidence:
    """Slices of even evidence, half of them with a lesion that raises it."""
    generator = torch.Generator().manual_seed(seed)
    lesion = (torch.arange(400) % 2).float()
    values = level + 2 * torch.randn(400, generator=generator) + 3 * lesion
    return Evidence(values.view(-1, 1, 1, 1).expand(400, 2, 4, 4), torch.ones(400, 2, 4, 4).bool(), lesion)


def weights() -> dict[str, torch.Tensor]:
    return {
        "calibration.scale": torch.tensor([2.0]),
        "calibration.bias": torch.tensor([1.0]),
        "threshold": torch.zeros(1),
    }


@pytest.mark.parametrize("count", [2, 3, 4, 5])
def test_every_subject_is_tested_once_and_never_trained_on(count: int, tmp_path: Path) -> None:
    folds = make_folds(SCANS, count, tmp_path)
    tested = [scan["case"] for fold in folds for scan in fold.test]
    assert sorted(tested) == sorted(scan["case"] for scan in SCANS)
    for fold in folds:
        of = [{scan["subject"] for scan in part} for part in (fold.training, fold.validation, fold.test)]
        assert not (of[0] & of[1] | of[0] & of[2] | of[1] & of[2]) and all(of)
        assert len(of[0] | of[1] | of[2]) == 12
    again = make_folds(SCANS[::-1], count, tmp_path)
    assert [{s["case"] for s in f.test} for f in again] == [{s["case"] for s in f.test} for f in folds]


def test_too_few_subjects_are_named(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="3 subjects are too few for 3 folds"):
        make_folds(SCANS[:6], 3, tmp_path)


def test_the_datalist_of_a_fold_has_two_masks_to_learn_from(tmp_path: Path) -> None:
    folds = make_folds([{**scan, "brain_mask": f"{scan['case']}_reference"} for scan in SCANS], 4, tmp_path)
    masks = {scan["case"]: f"{scan['case']}_detected" for scan in SCANS}
    content = json.loads(fold_datalist(folds[0], masks, [{"image": "more"}], "real").read_text())
    of_scan = [scan["brain_mask"] for scan in content["training"] if scan["image"] == content["training"][0]["image"]]
    case = folds[0].training[0]["case"]
    assert of_scan == [f"{case}_detected", f"{case}_reference"]
    assert content["training"][-1] == {"image": "more"}
    assert all(scan["brain_mask"].endswith("_detected") for scan in content["validation"] + content["test"])


def test_a_calibration_makes_probabilities_and_holds_the_false_positives() -> None:
    made = calibrate([evidence(0), evidence(1)], target_fpr=0.1)
    fresh = evidence(2)
    scores = fresh.scores(made.scale, made.bias, 9.0)
    assert float((scores[fresh.lesion == 0] > made.threshold).float().mean()) == pytest.approx(0.1, abs=0.05)
    likely = scores.sigmoid() > 0.5
    assert float(fresh.lesion[likely].mean()) == pytest.approx(float(scores.sigmoid()[likely].mean()), abs=0.06)


def test_a_fold_is_calibrated_by_the_others_alone(tmp_path: Path) -> None:
    networks, files = [], []
    for k in range(3):
        folder = tmp_path / str(k)
        folder.mkdir()
        torch.save(weights(), folder / "network.pt")
        torch.save(evidence(k, level=4.0 if k == 0 else 0.0)._asdict(), folder / "evidence.pt")
        networks.append(folder / "network.pt")
        files.append(folder / "evidence.pt")
    made = [torch.load(file, weights_only=True) for file in crossfit(networks, files)]
    alone = calibrate([evidence(1), evidence(2)])
    assert made[0]["threshold"].item() == pytest.approx(alone.threshold)
    assert made[0]["calibration.scale"].item() == pytest.approx(2 * alone.scale)
    assert made[0]["calibration.bias"].item() == pytest.approx(alone.scale + alone.bias)
    assert abs(made[1]["calibration.bias"].item() - made[0]["calibration.bias"].item()) > 0.2


def test_folds_are_pooled_at_one_threshold(tmp_path: Path) -> None:
    scores = {}
    for k in range(2):
        columns = {
            "lesion_type": ["normal", "physical"] * 4,
            "size": [0, 7] * 4,
            "score": [k + shift for shift in (-1, 1, -2, 2, -1.5, 1.5, -1, 1)],
            "side_correct": [True] * 8,
            "peak_in_lesion": [True] * 8,
            "known_location": [1.0] * 8,
            "known_location_normal": [0.0] * 8,
            "subject": [f"s{k}{i // 4}" for i in range(8)],
            "case": [f"s{k}{i // 4}_T{1 + i % 4 // 2}w" for i in range(8)],
        }
        scores[k, 0] = tmp_path / f"{k}.json"
        scores[k, 0].write_text(json.dumps({"threshold": float(k), "columns": columns}))
    report = pooled(scores)
    assert report["thresholds"] == [0.5] and report["rows"][0]["subjects"] == 4
    assert report["rows"][0]["auc"][0] == report["rows"][0]["balanced_accuracy"][0] == 1.0
    assert pooled(scores, "T1w")["normal_slices"] == 4
