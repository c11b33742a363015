"""The verb ``benchmark pathology`` on a small head drawn by formulas."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nibabel as nib
import pytest

from bundle.research.benchmark.newborns import scored
from bundle.research.benchmark.pathology import BILATERAL, pathology
from bundle.research.benchmark.pathology.summary import normal_p_values, summary
from tests.heads import make_head

COARSE = {"spacing": [2.0, 2.0, 4.0], "device": "cpu"}


@pytest.fixture(autouse=True)
def _coarse(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(scored, "SETTINGS", COARSE)
    for cached in (scored.preprocessing_chain, scored.loaded):
        cached.cache_clear()
    yield
    for cached in (scored.preprocessing_chain, scored.loaded):
        cached.cache_clear()


@pytest.mark.slow
def test_a_haemorrhage_is_drawn_scored_and_kept(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for subject in (1, 2):
        head = make_head("LAS", yaw=2.0 * subject, contrast="T2", noise=0.02, asymmetry=0.02)
        brain = (head.image * head.mask)[0].numpy()
        nib.save(nib.Nifti1Image(brain, head.image.affine.numpy()), tmp_path / f"sub-{subject}_T2w.nii.gz")
    out = tmp_path / "out"
    pathology(str(tmp_path), str(out), levels=("severe", BILATERAL), kinds=("haemorrhagic_infarct",), at_once=0)
    report = json.loads((out / "pathology.json").read_text())
    assert report["scans"] == 2 and not report["failed"] and "not for clinical use" in report["note"]
    levels = report["kinds"]["all"]["haemorrhagic_infarct"]
    assert levels["severe"]["severity"] == 12 and levels["severe"]["scans"] == 2
    assert levels["severe"]["auc_of_score"][0] == 1.0
    assert levels["severe"]["auc"] is None, "two scans are too few for an answer"
    assert set(levels[BILATERAL]) == {"scans", "above"}
    assert "haemorrhagic_infarct" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("options", "said"),
    [({"levels": ("worst",)}, "no level 'worst'.*mild, moderate"), ({"kinds": ("flu",)}, "no pathology 'flu'.*stroke")],
)
def test_unknown_names_list_the_known_ones(options: dict[str, Any], said: str, tmp_path: Path) -> None:
    nib.save(nib.Nifti1Image(make_head().image[0].numpy(), make_head().image.affine.numpy()), tmp_path / "a.nii.gz")
    with pytest.raises(ValueError, match=said):
        pathology(str(tmp_path), str(tmp_path / "out"), at_once=0, **options)


def test_the_summary_counts_the_found_alone() -> None:
    def row(subject: int, kind: str, score: float, **more: Any) -> dict[str, Any]:
        image = {
            "level": "mild",
            "side": "left",
            "severity": 1.0,
            "runs": [{"score": score, "volume_index": 0.001, "slices": [0.0, *[score] * 3], **more}],
        }
        return {"subject": f"{subject}", "contrast": "T1w", "kind": kind, "images": [image]}

    normal = [row(k, "normal", k / 20) for k in range(20)]
    ill = [row(k, "stroke", 2.0 * (k % 2), side="left" if k % 4 == 1 else "right", hit=k % 2 == 1) for k in range(20)]
    measured = summary([*normal, *ill])["T1w"]["stroke"]["mild"]
    assert measured["sensitivity"][0] == 0.5
    assert measured["side_correct"][0] == 0.5
    assert measured["hit"][0] == 1.0
    assert measured["auc_of_score"][0] == measured["auc_of_three_slices"][0] == pytest.approx(0.5 + 0.5 * 0.5 / 20)
    assert measured["auc"][0] == pytest.approx(measured["auc_of_score"][0], abs=0.02)
    assert measured["baseline_auc"][0] == 0.5, "the volumes are those of the normal scans"


def test_the_normal_scans_say_whether_their_p_values_hold() -> None:
    def row(subject: int, score: float) -> dict[str, Any]:
        run = {"score": score, "volume_index": 0.01 * (-1) ** subject, "slices": [0.0] * 3, "side": "right"}
        image = {"level": "normal", "runs": [run]}
        return {"subject": f"{subject}", "contrast": "T2w", "kind": "normal", "images": [image]}

    rows = [row(k, k % 7) for k in range(40)]
    found = normal_p_values(rows)["T2w"]
    assert found["scans"] == 40 and [share for share, *_ in found["observed"]] == [0.01, 0.05, 0.1, 0.2]
    assert 0 < found["distance"] < 1
    assert normal_p_values(rows[:3])["all"] is None


def test_a_difference_of_the_volumes_alone_is_found_on_the_larger_side() -> None:
    def row(subject: int, kind: str, index: float) -> dict[str, Any]:
        run = {"score": subject % 5, "volume_index": index, "slices": [0.0] * 4, "side": "right", "hit": False}
        image = {"level": "mild", "side": "left", "severity": 1.0, "runs": [run]}
        return {"subject": f"{subject}", "contrast": "T2w", "kind": kind, "images": [image]}

    normal = [row(k, "normal", 0.01 * (-1) ** k) for k in range(20)]
    measured = summary([*normal, *(row(k, "large", 0.1) for k in range(20))])["all"]["large"]["mild"]
    assert measured["auc"][0] == measured["baseline_auc"][0] == measured["side_correct"][0] == 1.0
    assert measured["auc_of_score"][0] == 0.5
