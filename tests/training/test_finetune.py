"""Fine-tuning starts from given weights, and two evaluations are compared lesion by lesion."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from bundle.research.compare import compare, compared
from tests.conftest import EVALUATE, ROOT, TINY, TRAIN

FINETUNE = str(ROOT / "configs" / "finetune.json")


def run(better: float = 0.0) -> dict[str, Any]:
    """Scores of 8 subjects: in each 10 normal slices and 10 with a lesion, whose scores are higher by ``better``."""
    rng = np.random.default_rng(0)
    columns: dict[str, list[Any]] = {name: [] for name in ("lesion_type", "size", "case", "slice", "subject", "score")}
    for subject in range(8):
        for index in range(20):
            lesion = index % 2
            row = ("physical" if lesion else "normal", 7.0 * lesion, f"sub-{subject}_T2w", index, f"sub-{subject}")
            score = float(rng.normal(lesion * (1 + better)))
            for name, value in zip(columns, (*row, score), strict=True):
                columns[name].append(value)
    return {"threshold": 1.5, "columns": columns}


def test_a_difference_is_paired_over_subjects(tmp_path: Path) -> None:
    for name, better in (("before", 0.0), ("after", 1.0)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "scores.json").write_text(json.dumps(run(better)))
    table = compare(str(tmp_path / "before"), str(tmp_path / "after"))
    report = json.loads((tmp_path / "after" / "compared.json").read_text())
    (row,) = report["rows"]
    difference, low, high = row["auc"]["difference"]
    assert difference == pytest.approx(row["auc"]["after"][0] - row["auc"]["before"][0], abs=2e-4)
    assert 0 < low < difference < high
    assert high - low < row["auc"]["before"][2] - row["auc"]["before"][1] + row["auc"]["after"][2]
    assert report["false_positive_rate"]["difference"] == [0, 0, 0]
    assert "| physical | 7 | 0." in table
    assert "8 test subjects" in table and "not for clinical use" in table
    assert (tmp_path / "after" / "compared.md").read_text() == table


def test_different_evaluations_are_not_compared(tmp_path: Path) -> None:
    changed = copy.deepcopy(run())
    changed["columns"]["slice"][3] = 99
    with pytest.raises(ValueError, match=r"differ in 'slice'.*same lesions in the same slices"):
        compared(run(), changed)
    with pytest.raises(FileNotFoundError, match=r"scores\.json: not found\. Run the evaluation first"):
        compare(str(tmp_path), str(tmp_path))


@pytest.mark.slow
@pytest.mark.parametrize("comparison", ["local", "context"])
def test_finetuning_goes_on_from_the_weights_and_both_are_evaluated(
    comparison: str, workflow: Any, tmp_path: Path
) -> None:
    tuned = tmp_path / "tuned"
    network = workflow(TRAIN).parser.get_parsed_content("network")
    before = tmp_path / "start"
    before.mkdir()
    torch.save(network.state_dict(), before / "model.pt")

    frozen = {"start": str(before / "model.pt"), "ckpt_dir": str(tuned), "learning_rate": 0.0}
    made = workflow([TRAIN, FINETUNE], **{**TINY, **frozen, "epochs": 1, "seed": 5, "comparison": comparison})
    made.run()
    after = torch.load(tuned / "model.pt", weights_only=True)
    learnt = [name for name, value in network.named_parameters() if value.requires_grad]
    assert all(torch.equal(after[name], network.state_dict()[name]) for name in learnt)

    for name, folder in (("before", before), ("after", tuned)):
        out = str(tmp_path / "eval" / name)
        workflow([TRAIN, EVALUATE], ckpt_dir=str(folder), output_dir=out).run()
    assert "| physical | 7 |" in compare(str(tmp_path / "eval" / "before"), str(tmp_path / "eval" / "after"))
