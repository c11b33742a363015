"""A run that is killed and resumed ends with the same files as one that is not."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import nibabel as nib
import pytest
import torch

from bundle.predict import DONE, run
from scripts.atomic_write import PARTIAL
from tests.bundle.predict.test_predict import QUICK, save
from tests.bundle.reports.test_reports import VERSIONS, of_scan
from tests.conftest import ROOT
from tests.heads import make_head


class Quick:
    """Replaces the pipeline: the same evidence for every scan."""

    def __init__(self, settings: dict[str, Any]) -> None:
        self.provenance = {key: value for key, value in VERSIONS.items() if key != "seconds"}
        self.provenance["settings"] = settings
        self.weights = Path("model.pt")
        torch.manual_seed(0)
        self.data = of_scan()[1]

    def __call__(self, item: dict[str, Any]) -> tuple[dict[str, Any], dict[str, float], None]:
        return self.data, {"load": time.perf_counter()}, None


def content(folder: Path) -> dict[str, Any]:
    """All files by name; of a result all but the seconds, which always differ."""
    files: dict[str, Any] = {}
    for path in sorted(folder.rglob("*")):
        if path.name.endswith("_asymmetry.json"):
            files[str(path.relative_to(folder))] = {**json.loads(path.read_text()), "seconds": None}
        elif path.is_file():
            files[str(path.relative_to(folder))] = path.read_bytes()
    return files


def check_complete(folder: Path) -> None:
    """Every file with its final name is complete."""
    for path in folder.rglob("*.*"):
        if path.name.startswith(PARTIAL):
            continue
        if path.suffix == ".json":
            json.loads(path.read_text())
        elif path.name.endswith(".nii.gz"):
            nib.load(path).get_fdata()
        elif path.suffix == ".html":
            assert path.read_text().rstrip().endswith("</html>")


@pytest.fixture
def scans(tmp_path: Path) -> list[str]:
    names = [tmp_path / f"sub-{number}.nii" for number in range(3)]
    for name in names:
        name.write_bytes(name.name.encode())
    return [str(name) for name in names]


@pytest.mark.parametrize("last", [0, 2, 4, 7, 11, 14])
def test_a_run_stopped_at_any_write(
    last: int, scans: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bundle.predict.pipeline.Pipeline", Quick)
    monkeypatch.setattr("bundle.predict.save.scan_page", lambda *parts: "<html></html>")
    assert run(scans, tmp_path / "uninterrupted") == DONE
    writes = 0

    def stop(descriptor: int) -> None:
        nonlocal writes
        writes += 1
        if writes > last:
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", stop)
        with pytest.raises(KeyboardInterrupt):
            run(scans, tmp_path / "out")
    check_complete(tmp_path / "out")
    assert run(scans, tmp_path / "out", resume=True) == DONE
    assert content(tmp_path / "out") == content(tmp_path / "uninterrupted")


@pytest.mark.slow
def test_a_run_killed_at_ten_moments(tmp_path: Path) -> None:
    for number in range(12):
        save(
            make_head(voxel=(3.0, 3.0, 3.0), noise=0.02, seed=number),
            tmp_path / "scans" / f"sub-{number:02d}_T2w.nii.gz",
        )
    command = [sys.executable, "-m", "bundle", "predict", str(tmp_path / "scans"), "--resume"]
    command += [word for key, value in QUICK.items() for word in (f"--{key}", str(value))]

    def start(out: str) -> subprocess.Popen:
        return subprocess.Popen([*command, "--output_dir", str(tmp_path / out)], cwd=ROOT, stdout=subprocess.DEVNULL)

    assert start("uninterrupted").wait() == DONE
    rng = random.Random(0)
    for _ in range(10):
        process = start("out")
        time.sleep(rng.uniform(8, 20))
        process.send_signal(signal.SIGKILL)
        process.wait()
        check_complete(tmp_path / "out")
    assert start("out").wait() == DONE
    assert content(tmp_path / "out") == content(tmp_path / "uninterrupted")
