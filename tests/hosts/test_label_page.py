"""The commands of ``docs/label.md``, to the letter. The environment is the one that the page's first line makes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from pathlib import Path

import nibabel as nib
import pytest

from tests.heads import make_head
from tests.hosts import host_python, page, reason
from tests.hosts.wait import until

PYTHON = host_python("label", "monailabel")
pytestmark = [pytest.mark.slow, pytest.mark.skipif(not PYTHON, reason=reason("label"))]

INSTALL = "bash tests/hosts/install.sh label ~/label"


def test_the_commands_of_the_page(tmp_path: Path) -> None:
    home, studies = tmp_path / "home", tmp_path / "studies"
    home.mkdir()
    studies.mkdir()
    (home / "label").symlink_to(Path(PYTHON).parents[1])
    head = make_head("RAS", yaw=4, voxel=(2.0, 2.0, 2.0), noise=0.02, lesion="left")
    nib.save(nib.Nifti1Image(1000 * head.image[0].numpy(), head.image.affine.numpy()), studies / "T2w.nii.gz")
    start, ask = page.commands("label.md", "The server")
    assert start.startswith(INSTALL), "the line that this test leaves out"
    start = page.with_values("\n".join(start.splitlines()[1:]), {"STUDIES": str(studies)})
    folder = page.checkout(tmp_path / "checkout")
    environment = {**os.environ, "HOME": str(home)}
    log = (tmp_path / "log.txt").open("w")
    server = subprocess.Popen(
        ["bash", "-euo", "pipefail", "-c", start],
        cwd=folder,
        env=environment,
        stdout=log,
        stderr=log,
        start_new_session=True,
    )
    try:
        ready = ["curl", "-sf", "http://127.0.0.1:8000/info/"]
        up = until(lambda: subprocess.run(ready, capture_output=True, check=False).returncode == 0, 120)
        assert up, (tmp_path / "log.txt").read_text()[-3000:]
        result = json.loads(page.run(ask, folder, home).stdout)
        assert result["side"] == "left"
        assert nib.load(folder / "bands.nii.gz").get_fdata().max() > 0
        (batch,) = page.commands("label.md", "OHIF")
        kept = page.run(batch, folder, home).stdout
        assert f'"score":{result["score"]}'[:14] in kept.replace(" ", "")
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        server.wait(60)
