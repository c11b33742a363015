import json

import numpy as np
import pytest
import torch
from ignite.engine import Engine
from torch import nn

from scripts.atomic_write import write_text
from scripts.evaluation.summary import by_size
from scripts.evaluation.tables import as_size, as_text, as_tsv
from scripts.training.threshold import SetThreshold


def table(lesion_types=("normal", "physical", "bilateral"), each=20, subjects=4):
    rng = np.random.default_rng(0)
    lesion_type = [k for k in lesion_types for _ in range(each)]
    shift = {"normal": 0, "bilateral": 0.2, "bilateral_soft": 0, "physical": 2, "painted": 2}
    score = torch.tensor([rng.normal(shift[k]) for k in lesion_type])
    columns = {"lesion_type": lesion_type, "score": score, "baseline": torch.zeros(len(lesion_type))}
    columns["size"] = torch.tensor([7.0 if k == "physical" else 0.0 for k in lesion_type])
    columns["subject"] = [f"sub-{i % subjects}" for i in range(len(lesion_type))]
    columns["side_correct"] = [True] * len(lesion_type)
    columns["peak_in_lesion"] = [i % 2 == 0 for i in range(len(lesion_type))]
    return columns


def test_rows_and_false_positives():
    report = by_size([table()], [1.0])
    (row,) = report["rows"]
    assert (row["lesion_type"], row["size"], row["slices"], row["subjects"]) == ("physical", 7.0, 20, 4)
    assert row["auc"][1] <= row["auc"][0] <= row["auc"][2]
    assert row["auc"][0] > 0.8
    detected = table()["score"][20:40] > 1.0
    odd = torch.arange(20)[detected] % 2 == 0
    assert row["laterality_accuracy_of_detected"] == [1, 1, 1]
    assert row["localisation_accuracy"][0] == pytest.approx(odd.float().mean().item())
    assert by_size([table()], [99.0])["rows"][0]["localisation_accuracy"] is None
    assert row["baseline_auc"][0] == 0.5, "a constant baseline is chance"
    normal = table()["score"][:20]
    assert report["false_positive_rate"]["normal"][0] == pytest.approx((normal > 1.0).float().mean().item())
    assert set(report["false_positive_rate"]) == {"normal", "bilateral"}
    assert json.loads(json.dumps(report, allow_nan=False)) == report


def test_the_known_location_is_a_column_if_it_was_collected():
    columns = table()
    assert "known_location_accuracy" not in by_size([columns], [1.0])["rows"][0]
    lesion = [lesion_type == "physical" for lesion_type in columns["lesion_type"]]
    columns["known_location"] = [3.0 + i % 2 if has_lesion else None for i, has_lesion in enumerate(lesion)]
    columns["known_location_normal"] = [
        1.0 + 2.5 * (i % 4 == 0) if has_lesion else None for i, has_lesion in enumerate(lesion)
    ]
    report = {**by_size([columns, columns], [1.0, 1.0]), "scale": "side_mm"}
    (row,) = report["rows"]
    # At 1 all lesions lie above and three of four normal slices below; at 3.5 half of the lesions and all normal ones.
    assert row["known_location_accuracy"][0] == pytest.approx((1 + 0.75) / 2)
    assert row["known_location_accuracy"][1] <= row["known_location_accuracy"][0] <= row["known_location_accuracy"][2]
    assert "known_location_accuracy_low" in as_tsv(report)


def test_every_lesion_type_and_size_has_a_row():
    columns = table(lesion_types=("normal", "physical", "painted", "bilateral_soft"))
    columns["size"][20:60:2] = 9.0
    report = by_size([columns], [1.0])
    assert [(row["lesion_type"], row["size"]) for row in report["rows"]] == [
        *(("physical", 9.0), ("physical", 7.0), ("painted", 9.0), ("painted", 0.0))
    ]
    assert set(report["false_positive_rate"]) == {"normal", "bilateral_soft"}


def test_text_and_tsv_say_the_same():
    report = {**by_size([table()], [1.0]), "scale": "side_mm"}
    text, tsv = as_text(report), as_tsv(report)
    assert max(map(len, text.splitlines()[:3])) < 120
    first, second = text.splitlines()[:2]
    for word in ("lesion", "balanced", "sensitivity", "side correct"):
        assert word in first
    for word in ("type", "AUC", "accuracy", "5 % FPR", "if detected"):
        assert word in second
    assert "normal slices: false-positive rate at the network's own threshold" in text
    assert "simulated" in text
    assert "not for clinical use" in text
    header, line = (row.split("\t") for row in tsv.splitlines())
    assert float(line[header.index("auc")]) == pytest.approx(report["rows"][0]["auc"][0], rel=1e-3)
    assert {"auc_low", "auc_high", "sensitivity"} <= set(header)
    none_detected = {**by_size([table()], [99.0]), "scale": "side_mm"}
    assert as_tsv(none_detected).splitlines()[0] == tsv.splitlines()[0]
    assert "n/a" in as_tsv(none_detected)
    assert as_text(none_detected).count("–") > as_text(report).count("–")


def test_runs_are_averaged():
    first, second = table(), table()
    second["score"] = second["score"] - 2
    reports = [by_size([t], [1.0])["rows"][0] for t in (first, second)]
    mean = by_size([first, second], [1.0, 1.0])["rows"][0]
    for measure in ("auc", "balanced_accuracy", "sensitivity"):
        assert mean[measure][0] == pytest.approx(np.mean([report[measure][0] for report in reports]))
    assert by_size([first, first], [1.0, 1.0])["rows"][0] == reports[0]


@pytest.mark.parametrize(
    ("size", "text"),
    [
        ([3.5, 3.3, 3.84], "3.5 (3.3–3.8)"),
        ([19.0, 16.8, None], "19.0 (16.8–beyond)"),
        ([None, 18.0, None], "beyond (18.0–beyond)"),
        ([None, None, None], "beyond"),
    ],
)
def test_a_size_beyond_those_tested_is_not_known(size, text):
    assert as_size(size) == text


def test_no_normal_slice_is_an_error():
    with pytest.raises(ValueError, match="no condition of lesion type 'normal'"):
        by_size([table(lesion_types=("physical",))], [0.0])


def test_a_text_file_is_written_atomically(tmp_path):
    write_text(tmp_path / "a.txt", "one")
    write_text(tmp_path / "a.txt", "two")
    assert [p.name for p in tmp_path.iterdir()] == ["a.txt"]
    assert (tmp_path / "a.txt").read_text() == "two"


def test_threshold_is_the_quantile_of_the_normals():
    network = nn.Module()
    network.register_buffer("threshold", torch.zeros(1))
    handler = SetThreshold(network, target_fpr=0.25)
    handler.collect.columns = {k: list(v) for k, v in table(lesion_types=("normal",)).items()}
    handler(Engine(lambda e, b: None))
    normal = table()["score"][:20]
    assert (normal > float(network.threshold)).float().mean().item() == pytest.approx(0.25)
    handler.collect.columns["lesion_type"] = ["physical"] * 20
    with pytest.raises(ValueError, match="no condition of lesion type 'normal'"):
        handler(Engine(lambda e, b: None))
    with pytest.raises(ValueError, match="between 0 and 1, not 5"):
        SetThreshold(network, target_fpr=5)
    with pytest.raises(TypeError, match=r"SetThreshold has no 'false_positives'\. It is now called 'target_fpr'"):
        SetThreshold(network, false_positives=0.25)
