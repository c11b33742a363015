"""The container: its Dockerfile keeps the usual rules, and what it copies is enough to run. No daemon is needed."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from fnmatch import fnmatch
from pathlib import Path

import pytest
import yaml

from bundle.deploy.pacs.queue import SENT, Queue
from bundle.deploy.pacs.send import Archive, send
from tests.conftest import ROOT
from tests.dicom import write_series
from tests.heads import make_head
from tests.hosts.orthanc import free_port
from tests.hosts.wait import until

TEXT = (ROOT / "container" / "Dockerfile").read_text()
STEPS = [
    tuple(line.split(None, 1))
    for line in re.sub(r"\\\n\s*", "", TEXT).splitlines()
    if line and not line.lstrip().startswith("#")
]
"""Instruction and its arguments, in order."""


def arguments(instruction: str) -> list[str]:
    return [words for name, words in STEPS if name == instruction]


def copied() -> list[tuple[str, str]]:
    """Source and target of every file and folder that is copied."""
    lines = [words.split() for words in arguments("COPY")]
    return [(source, words[-1]) for words in lines for source in words[:-1]]


def test_the_usual_rules() -> None:
    assert re.fullmatch(r"[\w.-]+:[\w.-]*\d[\w.-]*", arguments("FROM")[0]), "a base image with its version"
    assert arguments("USER")[-1] not in ("root", "0") and STEPS.index(("USER", arguments("USER")[-1])) < len(STEPS) - 1
    assert not arguments("ADD") and not re.search(r"\bsudo\b|curl .*\|", TEXT)
    for run in arguments("RUN"):
        assert "apt-get install" not in run or ("--no-install-recommends" in run and "rm -rf /var/lib/apt" in run)
        assert all("--no-cache-dir" in part for part in run.split("&&") if "pip install" in part)
    assert json.loads(arguments("ENTRYPOINT")[0])[:3] == ["python", "-m", "bundle.deploy"]


def test_what_is_copied_is_there_and_not_left_out() -> None:
    kept = [line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")]
    for source, _ in copied():
        assert (ROOT / source).exists() and any(fnmatch(source, pattern) for pattern in kept), source


def test_the_application_has_the_bundle_s_version() -> None:
    application = yaml.safe_load((ROOT / "container" / "app.yaml").read_text())
    assert application["application"]["version"] == json.loads((ROOT / "metadata.json").read_text())["version"]
    assert {"cpu", "gpu", "memory"} <= set(application["resources"])


@pytest.mark.slow
def test_what_is_copied_is_enough_to_receive_and_score(tmp_path: Path) -> None:
    folder, home, port = tmp_path / "bundle", tmp_path / "queue", free_port()
    for source, target in copied():
        place = (folder / target) if target == source else (folder / target / source.rsplit("/", 1)[-1])
        place.parent.mkdir(parents=True, exist_ok=True)
        (shutil.copytree if (ROOT / source).is_dir() else shutil.copyfile)(ROOT / source, place)
    words = [{"/queue": str(home)}.get(word, word) for word in json.loads(arguments("ENTRYPOINT")[0])]
    words += ["--port", str(port), "--quiet", "1", "--device", "cpu"]
    environment = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    process = subprocess.Popen([sys.executable, *words[1:]], cwd=folder, env=environment)
    try:
        head = make_head("LPS", yaw=3, voxel=(3.0, 3.0, 3.0), noise=0.02, lesion="left")
        write_series(head.image[0].numpy(), head.image.affine.numpy(), tmp_path / "study", SeriesDescription="T2")
        here = Archive("NEONATALSYM", "127.0.0.1", port)
        assert until(lambda: _sent(sorted((tmp_path / "study").iterdir()), here), 120)
        assert until(lambda: [study.state for study in Queue(home).studies()] == [SENT], 180)
    finally:
        process.terminate()
    assert process.wait(60) == 0
    (result,) = home.rglob("scores.json")
    assert json.loads(result.read_text())["side"] == "left"


def _sent(files: list[Path], here: Archive) -> bool:
    try:
        send(files, here, "SCANNER")
    except RuntimeError:
        return False
    return True
