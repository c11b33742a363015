"""MONAI Label's own server serves the bundle: the same score, side and bands as ``bundle predict``."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import nibabel as nib
import numpy as np
import pytest

from bundle.predict.cohort import NAME
from bundle.predict.pipeline import Pipeline
from scripts.bands import BANDS, to_bands

from ..conftest import ROOT
from ..heads import make_head
from . import host_python, reason

PYTHON = host_python("label", "monailabel")
pytestmark = [pytest.mark.slow, pytest.mark.skipif(not PYTHON, reason=reason("label"))]

STARTER = str(Path(__file__).with_name("run_label.py"))
ORIENTATIONS = ("RAS", "LAS", "LPS")
THRESHOLD = 0.25
"""``map_threshold`` of ``configs/inference.json``."""

Ask = Callable[..., bytes]


@pytest.fixture(scope="module")
def studies(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same newborn head, with a lesion in its left half, along three orders of voxels."""
    folder = tmp_path_factory.mktemp("studies")
    for axes in ORIENTATIONS:
        head = make_head(axes, yaw=4, voxel=(2.0, 2.0, 2.0), noise=0.02, lesion="left")
        image = nib.Nifti1Image(1000 * head.image[0].numpy(), head.image.affine.numpy())
        nib.save(image, folder / f"{axes}_T2w.nii.gz")
    return folder


@pytest.fixture(scope="module")
def predicted(studies: Path) -> dict[str, tuple[dict[str, Any], np.ndarray]]:
    """What ``bundle predict`` says of each: the answer, and its map as bands."""
    pipeline = Pipeline({"device": "cpu"})
    answers = {}
    for axes in ORIENTATIONS:
        found, _, error = pipeline({"image": str(studies / f"{axes}_T2w.nii.gz")})
        assert error is None
        bands = to_bands(found["probability"].as_tensor()[0], THRESHOLD)
        answers[axes] = found["result"], bands.numpy()
    return answers


@pytest.fixture(scope="module")
def ask(studies: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ask]:
    """A running server: ``ask(path, params=…, **query)`` gives the body of its answer."""
    folder = tmp_path_factory.mktemp("label")
    environment = {**os.environ, "PATH": f"{Path(PYTHON).parent}:{os.environ['PATH']}", "BUNDLE_DOWNLOAD_SRC": "local"}
    run = {"cwd": folder, "env": environment}
    apps = [PYTHON, STARTER, "apps", "--download", "--name", "monaibundle", "--output", "apps"]
    subprocess.run(apps, check=True, capture_output=True, **run)
    (folder / "apps" / "monaibundle" / "model").mkdir(parents=True)
    (folder / "apps" / "monaibundle" / "model" / NAME).symlink_to(ROOT)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = {"models": NAME, "zoo_source": "local", "sam2": "false", "skip_trainers": "true"}
    start = [PYTHON, STARTER, "start_server", "-a", "apps/monaibundle", "-s", str(studies)]
    start += [word for key, value in options.items() for word in ("-c", key, value)]
    log = folder / "log.txt"
    with log.open("w") as out:
        server = subprocess.Popen([*start, "-i", "127.0.0.1", "-p", str(port)], stdout=out, stderr=out, **run)

    def request(path: str, params: dict | None = None, body: bytes | None = None, **query: str) -> bytes:
        url = f"http://127.0.0.1:{port}{path}?{urllib.parse.urlencode(query)}"
        form = None if params is None else urllib.parse.urlencode({"params": json.dumps(params)}).encode()
        content = {"Content-Type": "application/json"} if body else {}
        try:
            with urllib.request.urlopen(urllib.request.Request(url, body or form, content), timeout=500) as answer:
                return answer.read()
        except urllib.error.HTTPError as error:
            pytest.fail(f"{error.code} {error.read().decode()}\n{log.read_text()[-6000:]}")

    for _ in range(300):
        assert server.poll() is None, log.read_text()[-6000:]
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/info/", timeout=500):
                break
        except OSError:
            time.sleep(1)
    yield request
    server.terminate()
    server.wait(60)


def infer(ask: Ask, image: str, output: str, **params: Any) -> bytes:
    return ask(f"/infer/{NAME}", {"device": "cpu", **params}, image=image, output=output)


def bands_of(content: bytes, folder: Path) -> nib.Nifti1Image:
    (folder / "bands.nii.gz").write_bytes(content)
    return nib.load(folder / "bands.nii.gz")


def test_info(ask: Ask) -> None:
    model = json.loads(ask("/info/"))["models"][NAME]
    assert model["type"] == "segmentation", "what viewers list"
    assert model["labels"] == {name: number for number, name in enumerate(BANDS, 1)}
    assert model["dimension"] == 2
    assert {"map_threshold", "first_slice", "last_slice"} <= set(model["config"])
    assert model["version"] == json.loads((ROOT / "metadata.json").read_text())["version"]


@pytest.mark.parametrize("axes", ORIENTATIONS)
def test_score_side_and_bands_are_those_of_predict(ask: Ask, predicted: Any, studies: Path, axes: str, tmp_path: Path):
    answer, bands = predicted[axes]
    served = json.loads(infer(ask, f"{axes}_T2w", "json"))
    print(axes, "score", served["score"], "predict", answer["score"], "side", served["side"])
    assert served["score"] == pytest.approx(answer["score"], abs=1e-3)
    assert served["side"] == answer["side"] == "left"
    assert len(served["slices"]) == len(answer["slices"])
    assert served["percentile"] == pytest.approx(answer["percentile"])
    assert served["status"] == answer["status"]
    assert "not for clinical use" in served["note"]
    image = bands_of(infer(ask, f"{axes}_T2w", "image", result_dtype="uint8"), tmp_path)
    given = nib.load(studies / f"{axes}_T2w.nii.gz")
    found = np.asarray(image.dataobj)
    assert found.dtype == np.uint8 and found.shape == given.shape
    np.testing.assert_allclose(image.affine, given.affine, atol=1e-3)
    differ = float((found != bands)[(found > 0) | (bands > 0)].mean())
    print(axes, "bands differ in", differ, "of", int((bands > 0).sum()), "voxels")
    assert (bands > 0).any() and differ <= 0.005


def test_a_higher_threshold_shows_less(ask: Ask, tmp_path: Path) -> None:
    low, high = (bands_of(infer(ask, "RAS_T2w", "image", map_threshold=t), tmp_path).get_fdata() for t in (0.25, 0.75))
    assert 0 < (high > 0).sum() < (low > 0).sum()
    np.testing.assert_array_equal(high, np.where(low >= 3, low, 0))


def test_a_range_of_slices_scores_only_these(ask: Ask) -> None:
    whole = json.loads(infer(ask, "RAS_T2w", "json"))["slices"]
    low, high = whole[5]["index"], whole[10]["index"]
    part = json.loads(infer(ask, "RAS_T2w", "json", first_slice=low, last_slice=high))
    assert [one["index"] for one in part["slices"]] == list(range(low, high + 1))


def test_a_batch_keeps_the_score_of_every_scan(ask: Ask, predicted: Any) -> None:
    body = json.dumps({"device": "cpu", "multi_gpu": False, "label_tag": "batch"}).encode()
    ask(f"/batch/infer/{NAME}", body=body, images="all", run_sync="true")
    for axes in ORIENTATIONS:
        kept = json.loads(ask("/datastore/label/info", label=f"{axes}_T2w", tag="batch"))
        score = (kept.get("params") or kept["info"]["params"])["score"]
        assert score == pytest.approx(predicted[axes][0]["score"], abs=1e-3)
