"""Every wrong input has a documented status and reason. None has a traceback, none a score that looks valid."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from bundle.predict import NOTHING_DONE, SOME_FAILED, run
from scripts.results.bids_names import derivative_name
from scripts.results.write import write_results
from tests.bad_inputs import BAD, loop, nifti
from tests.bundle.predict.test_predict import QUICK
from tests.conftest import ROOT

LEFT_OUT = {"not_mr": "CT", "localiser": "localiser"}
"""Series of a study that has an anatomical one, too -> what the line says."""

pytestmark = pytest.mark.skipif(not (ROOT / "models" / "model.pt").exists(), reason="no trained weights here")


@pytest.fixture(scope="module")
def outcome(tmp_path_factory: pytest.TempPathFactory) -> tuple[int, dict[str, Any], str]:
    """All bad inputs in one batch, with a good scan in the middle and at the end."""
    folder, out = tmp_path_factory.mktemp("bad"), tmp_path_factory.mktemp("out")
    inputs = []
    for name, bad in BAD.items():
        (folder / "made" / name).mkdir(parents=True)
        made = bad.make(folder / "made" / name)
        ending = "".join(made.suffixes) if made.is_file() else ""
        renamed = folder / f"{name}{ending}" if not name.endswith("name") else made
        inputs.append(str(made.rename(renamed)))
    for name in ("good1", "good2"):
        (folder / "made" / name).mkdir()
        inputs.insert(len(inputs) // 2, str(good(folder / "made" / name).rename(folder / f"{name}.nii.gz")))
    with pytest.MonkeyPatch.context() as patch:
        lines: list[str] = []
        patch.setattr("builtins.print", lambda *words, **options: lines.append(" ".join(map(str, words))))
        patch.setattr("tqdm.tqdm.write", lambda text, **options: lines.append(text))
        code = run(inputs, out, settings=QUICK)
    results = [json.loads(file.read_text()) for file in out.rglob("*_asymmetry.json")]
    return code, {result["case"]: result for result in results}, "\n".join(lines)


def good(folder: Path) -> Path:
    from tests.bad_inputs import BRAIN

    return nifti(BRAIN)(folder)


def test_a_failed_scan_does_not_stop_the_batch(outcome: tuple[int, dict[str, Any], str]) -> None:
    code, results, printed = outcome
    assert code == SOME_FAILED
    assert len(results) == len(BAD) + 2 - len(LEFT_OUT)
    assert {results[name]["status"] for name in ("good1", "good2")} == {"warning"}
    assert {reason["code"] for reason in results["good1"]["reasons"]} == {"coarse"}
    assert "Traceback" not in printed
    lines = printed.splitlines()
    assert len(lines) == len(results) + len(LEFT_OUT) + 3, (
        "before and after the lines of the scans one of all, and the note"
    )
    for name, why in LEFT_OUT.items():
        assert [line for line in lines if line.startswith(f"left out {name}") and why in line], printed


@pytest.mark.parametrize("name", [name for name in BAD if name not in LEFT_OUT])
def test_a_bad_input_gets_its_status_and_reason(name: str, outcome: tuple[int, dict[str, Any], str]) -> None:
    bad, (_, results, _) = BAD[name], outcome
    case = {"long_name": "x" * 200, "odd_name": "a 'name' \"with\" [quotes]"}.get(name, name)
    result = results[case]
    codes = [reason["code"] for reason in result["reasons"]]
    assert (result["status"], bad.code in codes) == (bad.status, True), result["reasons"]
    assert (result["score"] is None) == (result["status"] == "failed")
    if not bad.side:
        assert result["side"] == "unknown"
        assert result["peak_ras_mm"] is None
        assert result["volumes"]["left_ml"] is None


def test_every_reason_is_documented(outcome: tuple[int, dict[str, Any], str]) -> None:
    page = (ROOT / "docs" / "output.md").read_text()
    codes = {reason["code"] for result in outcome[1].values() for reason in result["reasons"]}
    assert not [code for code in codes | {bad.code for bad in BAD.values()} if f"`{code}`" not in page]


def test_a_loop_of_links_is_no_scan(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run([str(loop(tmp_path))], tmp_path / "out") == NOTHING_DONE
    (tmp_path / "scans").mkdir()
    (tmp_path / "scans" / "again").symlink_to(tmp_path / "scans")
    assert run([str(tmp_path / "scans")], tmp_path / "out") == NOTHING_DONE
    assert "Traceback" not in capsys.readouterr().err


def test_a_file_that_may_not_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = good(tmp_path)
    path.chmod(0)
    if os.access(path, os.R_OK):  # root may read everything

        def forbidden(*arguments: Any, **options: Any) -> None:
            raise PermissionError(13, "Permission denied")

        monkeypatch.setattr("nibabel.load", forbidden)
    assert run([str(path)], tmp_path / "out", settings=QUICK) == NOTHING_DONE
    (file,) = (tmp_path / "out").rglob("*_asymmetry.json")
    assert json.loads(file.read_text())["reasons"][0]["code"] == "no_permission"


def test_a_full_disk_leaves_no_incomplete_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(image: Any, path: Path) -> None:
        path.write_bytes(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("nibabel.save", full)
    import torch
    from monai.data import MetaTensor

    with pytest.raises(OSError, match="No space left"):
        write_results(tmp_path, {"case": "sub-01"}, MetaTensor(torch.zeros(1, 2, 2, 2)))
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_names_are_unique() -> None:
    cases = ["a b", "ab", "a_b", "sub-a b", "x" * 200, "x" * 201, "sub-01_T2w", "sub-01", "ä"]
    names = [derivative_name(case) for case in cases]
    assert len({name for _, name in names}) == len(cases)
    assert names[6] == ("sub-01", "sub-01_T2w")
    assert max(len(name) for _, name in names) < 100
    assert all(name.isascii() for _, name in names)


def test_no_disk_space_is_a_status(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = good(tmp_path).rename(tmp_path / "good.nii.gz")

    def full(*arguments: Any, **options: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("bundle.predict.save.write_results", full)
    assert run([str(path)], tmp_path / "out", settings=QUICK) == NOTHING_DONE
    assert "not_written" in (tmp_path / "out" / "asymmetry.tsv").read_text()
