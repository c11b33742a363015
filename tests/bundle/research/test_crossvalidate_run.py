"""A whole cross-validation, small: from scans to weights and a reference that ``predict`` uses."""

from __future__ import annotations

import json
import shutil
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from bundle.research.crossvalidate import crossvalidate, heads, train
from scripts.network.weights import Weights
from scripts.phantom.cohort import make_cohort
from scripts.results.reference import read_reference
from tests.conftest import ROOT

SUBJECTS, SCANS, SPACING = 2, 4, 1.5
SETTINGS: dict[str, Any] = {
    "slices_per_scan": 2,
    "pathologies_per_scan": 2,
    "val_slices": 1,
    "sizes": [9, 20],
    "val_sizes": [20],
}


def newborns(folder: Path) -> Path:
    """Scans of synthetic heads laid out as those of newborns are: a tight mask beside each."""
    cohort = make_cohort(folder / "cohort", subjects=SUBJECTS, seed=5, spacing=SPACING, split="training")
    for scan in json.loads(cohort.read_text())["training"]:
        case = Path(scan["image"]).name.removesuffix(".nii.gz")
        target = folder / "scans" / case.split("_")[0] / "anat"
        target.mkdir(parents=True, exist_ok=True)
        shutil.copy(cohort.parent / scan["image"], target)
        shutil.copy(cohort.parent / scan["brain_mask"], target / f"{case}_desc-brain_mask.nii.gz")
    return folder / "scans"


@pytest.mark.slow
def test_from_scans_to_a_reference(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shared = heads.Material(newborns=False, heads=1, epochs=1, lesion_type=heads.WITH_PATHOLOGIES)
    material = shared._replace(newborns=True, heads=0, first=shared)
    monkeypatch.setitem(heads.MATERIALS, heads.LEARN_FROM, material)
    monkeypatch.setattr(heads, "make_cohort", partial(make_cohort, spacing=SPACING))
    scans, output = newborns(tmp_path), tmp_path / "out"
    listed = crossvalidate(
        str(scans), str(output), folds=2, seeds=(0,), strips="shipped", final=True, reference="4 scans", **SETTINGS
    )
    found = json.loads(Path(listed).read_text())
    assert sorted(subject for row in found for subject in row["subjects"]) == sorted(
        path.name for path in scans.iterdir()
    )
    start = Weights(str(ROOT / train.START))
    for file in [*(row["model"] for row in found), output / "final" / heads.LEARN_FROM / "model.pt"]:
        made = Weights(str(file))
        assert made.backbone == start.backbone and made.sha256 != start.sha256
    reference = read_reference(output / "final" / "normative.json")
    assert reference is not None and reference["kind"] == "4 scans" and len(reference["scores"]) == SCANS
