"""The package keeps the published rules of the model zoo, and every check detects its problem."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from bundle.release.package import NAME, PARTS, package
from bundle.release.package.checks import CHECKS, KEYS, faults
from bundle.release.push import push
from tests.conftest import ROOT


@pytest.fixture(scope="module")
def packaged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    package(str(folder))
    return folder


def edit(folder: Path, name: str, change: Callable[[Any], None]) -> None:
    content = json.loads((folder / name).read_text())
    change(content)
    (folder / name).write_text(json.dumps(content, indent=4, ensure_ascii=False) + "\n")


METADATA = "configs/metadata.json"
BREAKS: dict[str, tuple[Callable[[Path], Any], str]] = {
    "required files": (lambda f: (f / "LICENSE").unlink(), r"LICENSE: missing"),
    "required keys": (lambda f: edit(f, "configs/train.json", lambda c: c["train"].pop("inferer")), r"train::inferer"),
    "version in the changelog": (
        lambda f: edit(f, METADATA, lambda c: c.update(version="9.9.9")),
        r"version 9\.9\.9 is not in its changelog",
    ),
    "metadata schema": (lambda f: edit(f, METADATA, lambda c: c.pop("task")), r"'task' is a required property"),
    "file sizes": (lambda f: (f / "models" / "big.bin").write_bytes(bytes(26 * 10**6)), r"big\.bin: 26 MB"),
    "no personal path": (lambda f: (f / "docs" / "x.md").write_text("see /home/ann/scans"), r"x\.md.*/home/ann"),
    "JSON indent 4": (lambda f: (f / "configs" / "x.json").write_text('{"a": [1]}'), r"x\.json: not indented by 4"),
    "model card": (
        lambda f: (f / "docs" / "README.md").write_text("---\n# Title\nnot for clinical use"),
        r"no heading 'Tags'",
    ),
    "names that hosts understand": (
        lambda f: edit(f, "configs/inference.json", lambda c: c.update(image_left=1)),
        r"begins with image_",
    ),
    "plain weights": (
        lambda f: torch.save({"model": {"w": torch.ones(1)}}, f / "models" / "m.pt"),
        r"m\.pt: expected a plain state_dict",
    ),
}
"""Check -> a change that breaks it, and the message then."""


def test_the_package_is_in_zoo_shape(packaged: Path) -> None:
    folder = packaged / NAME
    assert {part.name for part in folder.iterdir()} == set(PARTS)
    assert not faults(folder)
    version = json.loads((folder / METADATA).read_text())["version"]
    with zipfile.ZipFile(packaged / f"{NAME}_v{version}.zip") as archive:
        names = archive.namelist()
    assert {name.split("/")[0] for name in names} == {NAME}
    assert not [name for name in names if "__pycache__" in name or name.endswith("checkpoint.pt")]
    hashes = (packaged / f"{NAME}_v{version}.sha256").read_text().splitlines()
    assert len(hashes) == sum(not name.endswith("/") for name in names)
    for name in KEYS:
        assert json.loads((folder / "configs" / name).read_text()) == json.loads((ROOT / "configs" / name).read_text())


def test_every_check_has_a_break() -> None:
    assert set(BREAKS) == set(CHECKS)


@pytest.mark.parametrize("name", CHECKS)
def test_each_check_detects_its_problem(name: str, packaged: Path, tmp_path: Path) -> None:
    folder = tmp_path / NAME
    shutil.copytree(packaged / NAME, folder)
    breaks, message = BREAKS[name]
    breaks(folder)
    problems = list(CHECKS[name](folder))
    assert any(re.search(message, problem) for problem in problems), problems
    assert faults(folder)


def test_a_bundle_with_problems_is_not_packaged(packaged: Path, tmp_path: Path) -> None:
    shutil.copytree(packaged / NAME, tmp_path / "source")
    (tmp_path / "source" / "docs" / "data_license.txt").unlink()
    with pytest.raises(ValueError, match=r"cannot be published:\n- docs/data_license\.txt: missing\. Add it"):
        package(str(tmp_path / "dist"), root=str(tmp_path / "source"))


def test_push_uploads_the_packaged_copy(packaged: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[tuple[str, dict[str, Any]]] = []

    class Api:
        def __init__(self, **options: Any) -> None:
            calls.append(("login", options))

        def __getattr__(self, name: str) -> Callable[..., str]:
            return lambda **options: calls.append((name, options)) or "https://hub/owner/name"

    monkeypatch.setattr("monai.bundle.scripts.huggingface_hub.HfApi", Api)
    before = (ROOT / "README.md").read_bytes()
    with pytest.raises(FileNotFoundError, match=r"not found\. Make it with 'python -m bundle package'"):
        push("owner/name", str(tmp_path))
    shutil.copytree(packaged / NAME, tmp_path / NAME)
    assert push("owner/name", str(tmp_path), token="secret") == "https://hub/owner/name"
    done = dict(calls)
    assert done["create_repo"]["private"] is True
    assert done["upload_folder"]["folder_path"] == str(tmp_path / NAME)
    tags = [options["tag"] for name, options in calls if name == "create_tag"]
    assert tags == [json.loads((ROOT / METADATA).read_text())["version"], "latest_version"]
    assert (tmp_path / NAME / "README.md").read_text().startswith("---")
    assert (tmp_path / NAME / "metadata.json").exists()
    assert (ROOT / "README.md").read_bytes() == before


@pytest.mark.slow
def test_the_unpacked_zip_runs(tmp_path: Path) -> None:
    text = package(str(tmp_path), trial=True)
    assert text.count(": runs.") == 8


@pytest.mark.slow
@pytest.mark.parametrize(("test", "number"), [(f"test_{NAME}", 3), (f"test_{NAME}_dist", 2)])
def test_the_zoo_s_unit_tests_pass(packaged: Path, tmp_path: Path, test: str, number: int) -> None:
    shutil.copytree(packaged / NAME, tmp_path / "models" / NAME)
    shutil.copy(ROOT / "tests" / "zoo" / f"{test}.py", tmp_path)
    command = [sys.executable, "-m", "unittest", test]
    environment = {**os.environ, "PYTHONPATH": str(tmp_path), "CUDA_VISIBLE_DEVICES": "", "OMP_NUM_THREADS": "1"}
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-6000:]
    assert f"Ran {number} tests" in done.stderr
