"""Every study ends as it should, in MONAI Deploy and in ``predict``: with a code, in time, and without a traceback."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest

from bundle.deploy import write
from bundle.deploy.run import run_studies
from bundle.predict import DONE, NOTHING_DONE, run
from bundle.predict.pipeline import Pipeline
from tests.bundle.deploy.test_deploy import QUICK
from tests.studies import SCORED, STUDIES

SECONDS = 10
"""In which a study must be refused."""


@pytest.fixture(scope="module")
def pipeline() -> Pipeline:
    return Pipeline(QUICK)


def ended(results: list[dict[str, Any]]) -> list[str]:
    return [
        "scored" if result["status"] != "failed" else ",".join(reason["code"] for reason in result["reasons"])
        for result in results
    ]


QUICK_ROWS = ("plain", "t2_beside_a_finer_tof", "two_patients_in_one_folder", "enhanced", "interleaved_echoes")
"""Scored studies of the default suite, beside all that are refused."""

ROWS = [
    pytest.param(name, marks=[] if name in QUICK_ROWS or "scored" not in case.deploy else pytest.mark.slow)
    for name, case in STUDIES.items()
]


@pytest.mark.parametrize("name", ROWS)
def test_deploy(
    name: str,
    tmp_path: Path,
    pipeline: Pipeline,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(write, "print_page", lambda page: None)  # a browser takes longer than all the rest
    case = STUDIES[name]
    case.make(tmp_path / "in")
    start = time.monotonic()
    code = run_studies(tmp_path / "in", tmp_path / "out", QUICK, print, pipeline)
    seconds = time.monotonic() - start
    results = [json.loads(file.read_text()) for file in sorted((tmp_path / "out").rglob("scores.json"))]
    assert ended(results) == list(case.deploy)
    assert code == (DONE if set(case.deploy) == {"scored"} else NOTHING_DONE)
    if case.deploy == SCORED:
        assert results[0]["side"] == "left"
        assert {file.name for file in (tmp_path / "out").iterdir()} >= {"asymmetry_seg.dcm", "asymmetry_sr.dcm"}
    elif "scored" not in case.deploy:
        assert seconds < SECONDS
    assert "Traceback" not in capsys.readouterr().out


@pytest.mark.slow
@pytest.mark.parametrize("name", STUDIES)
def test_predict(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    case = STUDIES[name]
    case.make(tmp_path / "in")
    expected = case.deploy if case.predict is None else case.predict
    code = run([str(tmp_path / "in")], tmp_path / "out", settings=QUICK, viewer=False)
    results = [json.loads(file.read_text()) for file in sorted((tmp_path / "out").rglob("*_asymmetry.json"))]
    assert ended(results) == list(expected)
    assert code == (DONE if expected and set(expected) == {"scored"} else NOTHING_DONE)
    assert all(result["side"] == "left" for result in results if result["status"] != "failed")
    printed = capsys.readouterr()
    assert "Traceback" not in printed.out + printed.err and "Phantom" not in printed.out + printed.err
