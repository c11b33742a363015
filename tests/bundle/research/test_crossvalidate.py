"""Cross-validation: no subject is tested by what has seen it, and a fold is calibrated by the others."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch

from bundle.research.crossvalidate import datalists, networks, train
from bundle.research.crossvalidate.crossfit import calibrate, crossfit
from bundle.research.crossvalidate.datalists import fold_datalist
from bundle.research.crossvalidate.folds import make_folds
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


@pytest.mark.parametrize("validation", [0, 2])
@pytest.mark.parametrize("count", [2, 3, 4, 5])
def test_every_subject_is_tested_once_and_never_trained_on(count: int, validation: int, tmp_path: Path) -> None:
    folds = make_folds(SCANS, count, tmp_path, validation=validation)
    tested = [scan["case"] for fold in folds for scan in fold.test]
    assert sorted(tested) == sorted(scan["case"] for scan in SCANS)
    for fold in folds:
        of = [{scan["subject"] for scan in part} for part in (fold.training, fold.validation, fold.test)]
        assert not (of[0] & of[1] | of[0] & of[2] | of[1] & of[2])
        assert len(of[1]) == validation and of[0] and of[2] and len(of[0] | of[1] | of[2]) == 12
    again = make_folds(SCANS[::-1], count, tmp_path, validation=validation)
    assert [{s["case"] for s in f.test} for f in again] == [{s["case"] for s in f.test} for f in folds]


def test_too_few_subjects_are_named(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="3 subjects are too few for 3 folds"):
        make_folds(SCANS[:6], 3, tmp_path, validation=2)


def test_the_datalist_of_a_fold_has_two_masks_to_learn_from(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folds = make_folds([{**scan, "brain_mask": f"{scan['case']}_reference"} for scan in SCANS], 4, tmp_path)
    masks = {scan["case"]: f"{scan['case']}_detected" for scan in SCANS}
    monkeypatch.setattr(datalists, "validation_heads", lambda folder: [{"image": "head", "brain_mask": "its own"}])
    monkeypatch.setattr(
        datalists, "training_heads", lambda folder, count: [{"image": f"{count} heads", "brain_mask": "true"}]
    )
    content = json.loads(fold_datalist(folds[0], masks, "both").read_text())
    of_scan = [scan["brain_mask"] for scan in content["training"] if scan["image"] == content["training"][0]["image"]]
    case = folds[0].training[0]["case"]
    assert of_scan == [f"{case}_detected", f"{case}_reference"]
    assert content["training"][-1] == {"image": "9 heads", "brain_mask": "true"}
    assert all(scan["brain_mask"].endswith("_detected") for scan in content["test"])
    assert [scan["image"] for scan in content["validation"]] == ["head"]  # no newborn that could be learnt from


@pytest.fixture
def tasks(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The trainings that would be run."""
    found: list[Any] = []
    monkeypatch.setattr(datalists, "validation_heads", lambda folder: [])
    monkeypatch.setattr(
        datalists,
        "training_heads",
        lambda folder, count: [{"image": f"{count} heads", "brain_mask": "true"}] * (count > 0),
    )
    monkeypatch.setattr(train, "run_all", found.extend)
    monkeypatch.setattr(train, "fill_cache", lambda *given: None)
    return found


def trained(folder: Path, learn_from: str, **settings: Any) -> dict[tuple[int, int], Path]:
    folds = make_folds([{**scan, "brain_mask": "reference"} for scan in SCANS], 4, folder)
    return networks.train_networks(folds, {scan["case"]: "detected" for scan in SCANS}, (0, 1), learn_from, settings)


@pytest.mark.parametrize(
    ("learn_from", "newborns", "heads"), [("both", 9, "9 heads"), ("newborns", 9, None), ("heads", 0, "27 heads")]
)
def test_folds_share_a_network_that_sees_no_newborn(
    learn_from: str, newborns: int, heads: str | None, tmp_path: Path, tasks: list[Any]
) -> None:
    files = trained(tmp_path, learn_from)
    assert len(files) == 8 and len(tasks) == len(set(files.values())) == (8 if newborns else 2)
    for task in tasks:
        training = json.loads(task.args[0].read_text())["training"]
        assert len({scan["subject"] for scan in training if "subject" in scan}) == newborns
        assert [scan["image"] for scan in training if "subject" not in scan] == ([heads] if heads else [])
    assert {task.args[3]["epochs"] for task in tasks} == {networks.MATERIALS[learn_from].epochs}


def test_what_is_trained_stays_and_what_was_stopped_is_resumed(
    tmp_path: Path, tasks: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    trained(tmp_path, "both")
    folders = [task.args[1] for task in tasks]
    for folder in folders[:3]:
        folder.mkdir(parents=True)
        (folder / "checkpoint.pt").touch()
    (folders[0] / train.DONE).touch()
    tasks.clear()
    trained(tmp_path, "both")
    assert [task.args[1] for task in tasks] == folders[1:]
    given: list[dict[str, Any]] = []
    monkeypatch.setattr(train, "bundle_run", lambda run_id, configs, overrides: given.append(overrides))
    for task in tasks[:3]:
        task.args[1].mkdir(parents=True, exist_ok=True)
        task.function(*task.args)
    assert [overrides.get("resume", False) for overrides in given] == [True, True, False]
    assert all((folder / train.DONE).exists() for folder in folders[:4])


def test_networks_that_learn_pathologies_start_from_one_that_saw_no_newborn(tmp_path: Path, tasks: list[Any]) -> None:
    trained(tmp_path, "pathologies")
    first, *others = tasks
    of_first, of_others = json.loads(first.args[0].read_text()), json.loads(others[0].args[0].read_text())
    assert [scan["image"] for scan in of_first["training"]] == ["45 heads"] and not of_first["test"]
    assert len(of_others["test"]) == 6 and {scan["image"] for scan in of_others["training"]} > {"9 heads"}
    assert len(others) == 8 and {task.args[3]["start"] for task in others} == {str(first.args[1] / "model.pt")}
    assert "start" not in first.args[3] and "pathology" in first.args[3]["lesion_type"]


def test_scans_of_several_trainings_are_preprocessed_once(tmp_path: Path) -> None:
    def scan(image: str, mask: str) -> dict[str, str]:
        return {"image": image, "brain_mask": mask}

    files = []
    for number, scans in enumerate(([scan("a", "1"), scan("a", "2")], [scan("a", "2"), scan("b", "1")])):
        files.append(tmp_path / f"{number}.json")
        files[-1].write_text(json.dumps({"training": scans}))
    made = json.loads(datalists.joined(files, tmp_path / "all.json").read_text())
    assert made["training"] == [scan("a", "1"), scan("a", "2"), scan("b", "1")]


@pytest.mark.parametrize(
    ("settings", "expected"), [({}, (24, 24)), ({"epochs": 2}, (2, 2)), ({"epochs": 8, "val_interval": 4}, (8, 4))]
)
def test_a_training_validates_at_its_end(
    settings: dict[str, int], expected: tuple[int, int], tmp_path: Path, tasks: list[Any]
) -> None:
    trained(tmp_path, "both", **settings)
    assert {(task.args[3]["epochs"], task.args[3]["val_interval"]) for task in tasks} == {expected}


def test_a_calibration_makes_probabilities_and_holds_the_false_positives() -> None:
    made = calibrate([evidence(0), evidence(1)], target_fpr=0.1)
    fresh = evidence(2)
    scores = fresh.scores(made.scale, made.bias, 9.0)
    assert float((scores[fresh.lesion == 0] > made.threshold).float().mean()) == pytest.approx(0.1, abs=0.05)
    likely = scores.sigmoid() > 0.5
    assert float(fresh.lesion[likely].mean()) == pytest.approx(float(scores.sigmoid()[likely].mean()), abs=0.06)


def test_a_fold_is_calibrated_by_the_others_alone(tmp_path: Path) -> None:
    trained, files = [], []
    for k in range(3):
        folder = tmp_path / str(k)
        folder.mkdir()
        torch.save(weights(), folder / "network.pt")
        torch.save(evidence(k, level=4.0 if k == 0 else 0.0)._asdict(), folder / "evidence.pt")
        trained.append(folder / "network.pt")
        files.append(folder / "evidence.pt")
    made = [torch.load(file, weights_only=True) for file in crossfit(trained, files)]
    alone = calibrate([evidence(1), evidence(2)])
    assert made[0]["threshold"].item() == pytest.approx(alone.threshold)
    assert made[0]["calibration.scale"].item() == pytest.approx(2 * alone.scale)
    assert made[0]["calibration.bias"].item() == pytest.approx(alone.scale + alone.bias)
    assert abs(made[1]["calibration.bias"].item() - made[0]["calibration.bias"].item()) > 0.2
