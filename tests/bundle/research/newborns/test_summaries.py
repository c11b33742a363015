"""From the rows of single scans to the result of the benchmark of newborns."""

import json

import numpy as np
import pytest

from bundle.research.benchmark.newborns import as_they_are, contrasts, estimate, p_values, repeatability, same_lesion
from bundle.research.benchmark.newborns.by_size import groups, tables


def lesions(rng, threshold=0.0, shift=0.0):
    """Scores of a scan: 20 normal slices, and 20 with lesions of 5 and 20 mm; the scores rise with the size."""
    size = np.repeat([0.0, 5.0, 20.0], 20)
    columns = {
        "lesion_type": ["normal"] * 20 + ["physical"] * 40,
        "size": size.tolist(),
        "score": (rng.normal(size / 5 - 2, 1) + shift).tolist(),
        "side_correct": [True] * 60,
        "peak_in_lesion": [False] * 60,
        "subject": [""] * 60,
    }
    return {"threshold": threshold + shift, "columns": columns}


def scan_rows(shifts=(0.0, 0.0), subjects=2):
    rows = []
    for number in range(subjects):
        for contrast in ("T1w", "T2w"):
            rng = np.random.default_rng([number, contrast == "T1w"])
            table = lesions(rng, shift=shifts[number % len(shifts)])
            table["columns"]["subject"] = [f"sub-{number}"] * 60
            scan = {
                "score": float(number),
                "threshold": 0.5,
                "above": number > 0,
                "unusual": None,
                "asymmetry_index": 0.01 * number,
            }
            scan |= {"side": "left", "slices": [0.0, 1.0]}
            case = {"case": f"sub-{number}_{contrast}", "subject": f"sub-{number}", "contrast": contrast}
            rows.append({**case, "runs": [{"scan": scan, "lesions": table}]})
    return rows


def test_the_contrasts_are_summarised_together_and_apart():
    rows = scan_rows()
    assert {name: len(part) for name, part in groups(rows).items()} == {"all": 4, "T1w": 2, "T2w": 2}
    assert set(groups(rows[:1])) == {"all", "T1w"}
    report = tables(rows)
    assert report["all"]["normal_slices"] == 80 and report["T1w"]["normal_slices"] == 40
    auc = [row["auc"][0] for row in report["all"]["rows"]]
    assert (
        0.6 < auc[0] < auc[1] and report["all"]["ece"]["physical"][0] == report["all"]["calibration"]["physical"]["ece"]
    )


def test_networks_with_other_thresholds_are_measured_at_their_own():
    """One network's scores and threshold are 3 higher: nothing that is said of ranks and thresholds changes."""
    same, shifted = tables(scan_rows())["all"], tables(scan_rows((0.0, 3.0)))["all"]
    assert shifted["thresholds"] == [1.5]
    assert shifted["false_positive_rate"] == same["false_positive_rate"]
    assert np.array([row["auc"] for row in shifted["rows"]]) == pytest.approx(
        np.array([row["auc"] for row in same["rows"]])
    )
    assert shifted["calibration"]["physical"]["ece"] > same["calibration"]["physical"]["ece"]


def test_runs_of_a_subject_are_averaged():
    """A second run that always detects: the mean of both lies half-way between them."""
    rows = scan_rows()
    one = tables(rows)["all"]
    for row in rows:
        table = row["runs"][0]["lesions"]
        perfect = [size - 1.0 for size in table["columns"]["size"]]
        columns = {**table["columns"], "score": perfect}
        row["runs"].append({**row["runs"][0], "lesions": {"threshold": 0.0, "columns": columns}})
    both = tables(rows)["all"]
    assert both["runs"] == 2 and both["thresholds"] == [0.0, 0.0]
    assert both["rows"][0]["auc"][0] == pytest.approx((1 + one["rows"][0]["auc"][0]) / 2)
    assert both["false_positive_rate"]["normal"][0] == pytest.approx(one["false_positive_rate"]["normal"][0] / 2)


def test_false_alarms_by_slice_and_by_scan():
    alarms = as_they_are.summary(scan_rows(subjects=4))["false_alarms"]["all"]
    assert alarms["by_slice"] == [0.5, 0.5, 0.5] and alarms["by_scan"] is None
    assert 0 <= alarms["by_scan_cross_fitted"][0] <= 0.25, "at most the highest"
    few = as_they_are.summary(scan_rows(subjects=2))
    assert few["false_alarms"]["all"]["by_scan_cross_fitted"] is few["p_values"]["all"] is None


def test_p_values_of_normal_scans_come_from_the_other_subjects():
    p = [value for (value,) in p_values.cross_fitted(scan_rows(subjects=4))]
    assert p == sorted(p, reverse=True) and p[-1] < 0.2 < p[0], "the score and the volumes grow with the subject"
    assert p_values.cross_fitted(scan_rows(subjects=1)) == [[None], [None]]
    even = [[(k + 0.5) / 40] for k in range(40)]
    calibration = p_values.calibration(even)
    assert calibration["scans"] == 40 and calibration["distance"] == pytest.approx(0.5 / 40)
    assert [row[0] for row in calibration["observed"]] == list(p_values.SHARES)
    for share, observed, low, high in calibration["observed"]:
        assert low <= observed <= high and abs(observed - share) <= 0.5 / 40
    assert p_values.calibration([[value / 10] for (value,) in even])["distance"] > 0.8


def test_scans_of_a_subject_are_no_independent_samples():
    once = estimate.mean([[0.0, 1.0, 0.5]], ["a", "b", "c"])
    assert estimate.mean([[0.0, 1.0, 0.5] * 4], ["a", "b", "c"] * 4) == once
    alone = estimate.mean([[0.0, 1.0, 0.5] * 4], [str(number) for number in range(12)])
    assert alone[0] == once[0] and alone[2] - alone[1] < once[2] - once[1]


@pytest.mark.parametrize(
    ("runs", "value"),
    [
        ([[1.0, None, 3.0]], 2.0),
        ([[1.0, 1.0, 1.0], [2.0, 2.0, 2.0]], 1.5),
        ([[True, False, None]], 0.5),
        ([[None, None, None]], None),
        ([], None),
    ],
)
def test_runs_are_averaged_and_rows_without_a_value_do_not_count(runs, value):
    found = estimate.mean(runs, ["a", "b", "c"])
    assert (found and found[0]) == value
    json.dumps(found, allow_nan=False)


def session(subject, scores, same=True):
    values = {name: 0.5 for name in contrasts.MEANS}
    return {"case": subject, "subject": subject, "runs": [{**values, "score": scores, "same_side": same}]}


def test_scores_of_both_contrasts_are_correlated_by_rank():
    rows = [session(f"sub-{n}", [n, n**3], n != 1) for n in range(4)]
    result = contrasts.summary(rows)
    assert result["score_correlation"][0] == 1.0 and result["same_side"][0] == 0.75
    assert contrasts.summary([session("sub-1", [1, 2])])["score_correlation"] is None
    opposite = contrasts.summary([session(f"sub-{n}", [n, -n]) for n in range(4)])
    assert opposite["score_correlation"][0] == -1.0


def test_lesions_are_summarised_by_size():
    def lesion(size, same):
        return {"size": size, **dict.fromkeys(same_lesion.MEANS), "same_side": same}

    runs = [[lesion(size, size > 9) for size in same_lesion.SIZES for _ in range(2)]]
    result = same_lesion.summary([{"subject": "sub-1", "runs": runs}])
    assert {size: row["same_side"][0] for size, row in result.items()} == {"9": 0.0, "13.5": 1.0, "20": 1.0}
    assert result["9"]["lesions"] == 2 and result["9"]["peaks_near"] is None


def test_what_several_peaks_and_sides_of_a_scan_say():
    def images(*found):
        """Each pose is followed by its mirror image."""
        return [
            {"score": score, "side": side, "above": score > 0, "pose": k // 2, "mirrored": k % 2 == 1}
            for k, (score, side) in enumerate(found)
        ]

    steady = images((1.0, "left"), (1.0, "right"), (1.0, "left"), (1.0, "right"))
    assert repeatability._of_scan(steady) == {
        **{"sd": 0.0, "side_flips": 0.0, "mirror_difference": 0.0, "mirror_difference_worst": 0.0},
        "mirror_side_opposite": 1.0,
    }
    flipping = repeatability._of_scan(images((1.0, "left"), (2.0, "left"), (3.0, "left"), (-1.0, "unknown")))
    assert flipping["side_flips"] == pytest.approx(1 / 3) and flipping["mirror_side_opposite"] == 0.0
    assert flipping["mirror_difference"] == 2.5 and flipping["mirror_difference_worst"] == 4.0
    assert flipping["sd"] == pytest.approx(np.sqrt(2))
    assert (
        repeatability._of_scan(images((-1.0, "left"), (-1.0, "right"), (-2.0, "left"), (-2.0, "right")))["side_flips"]
        is None
    )
