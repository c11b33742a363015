"""The commands of ``docs/deploy.md``, to the letter, but for what installs and what needs a Docker daemon."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.dicom import write_series
from tests.heads import make_head
from tests.hosts import host_python, page, reason
from tests.hosts.orthanc import free_port
from tests.hosts.wait import until

PYTHON = host_python("deploy", "monai.deploy")
pytestmark = pytest.mark.slow


@pytest.mark.skipif(not PYTHON, reason=reason("deploy"))
def test_the_application(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    (home / "deploy").symlink_to(Path(PYTHON).parents[1])
    head = make_head("LPS", yaw=4, voxel=(2.5, 2.5, 2.5), noise=0.02, lesion="left")
    write_series(head.image[0].numpy(), head.image.affine.numpy(), tmp_path / "study", SeriesDescription="T2")
    run, package = page.commands("deploy.md", "As an application of MONAI Deploy")
    install, command = run.splitlines()
    assert install.startswith("bash tests/hosts/install.sh deploy ~/deploy"), "the line that this test leaves out"
    values = {"BUNDLE": str(ROOT), "STUDY": str(tmp_path / "study"), "OUT": str(tmp_path / "out")}
    page.run(page.with_values(command, values), tmp_path, home)
    assert json.loads((tmp_path / "out" / "scores.json").read_text())["side"] == "left"
    folder, packager = package.splitlines()
    assert packager.startswith("monai-deploy package map "), "the line that needs a Docker daemon"
    checkout = page.checkout(tmp_path / "checkout")
    (checkout / "LICENSE").symlink_to(ROOT / "LICENSE")
    page.run(folder, checkout, home)
    assert (checkout / "map" / "__main__.py").exists()


@pytest.mark.parametrize("verb", ["listen", "pull"])
def test_from_pacs_to_pacs(verb: str, tmp_path: Path) -> None:
    first, second = page.commands("deploy.md", "From PACS to PACS")
    (listen,) = [line for line in first.splitlines() if not line.startswith("pip install")]
    pull, status = second.splitlines()
    queue, host = {"QUEUE": str(tmp_path / "queue")}, {"HOST": f"127.0.0.1:{free_port()}"}
    command = page.with_values(listen, {**queue, "11112": str(free_port())})
    command = command if verb == "listen" else page.with_values(pull, {**queue, **host})
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    with (tmp_path / "log.txt").open("w") as log:
        started = ["bash", "-c", f"exec {command}"]
        process = subprocess.Popen(started, cwd=ROOT, env=environment, stdout=log, stderr=log)
    try:
        assert until(lambda: f"{verb}: ready" in (tmp_path / "log.txt").read_text(), 60)
        said = subprocess.run(
            ["bash", "-c", page.with_values(status.split("#")[0], queue)],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert (said.returncode, said.stdout) == (0, "no studies\n"), said.stderr
    finally:
        process.send_signal(signal.SIGTERM)
    assert process.wait(60) == 0, (tmp_path / "log.txt").read_text()
