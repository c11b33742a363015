"""MONAI Label's own server serves the bundle: the same score, side and bands as ``bundle predict``."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nibabel as nib
import numpy as np
import pytest

from bundle.predict.cohort_table import NAME
from bundle.predict.pipeline import Pipeline
from scripts.results.bands import BANDS
from tests.conftest import ROOT
from tests.heads import make_head
from tests.hosts import host_python, reason
from tests.hosts.label import Ask, label_server

PYTHON = host_python("label", "monailabel")
pytestmark = [pytest.mark.slow, pytest.mark.skipif(not PYTHON, reason=reason("label"))]

ORIENTATIONS = ("RAS", "LAS", "LPS")


@pytest.fixture(scope="module")
def studies(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same newborn head, with a lesion in its left hemisphere, along three orders of voxels."""
    folder = tmp_path_factory.mktemp("studies")
    for axes in ORIENTATIONS:
        head = make_head(axes, yaw=4, voxel=(1.5, 1.5, 1.5), noise=0.02, lesion="left", scale=0.8)
        image = nib.Nifti1Image(1000 * head.image[0].numpy(), head.image.affine.numpy())
        nib.save(image, folder / f"{axes}_T2w.nii.gz")
    return folder


@pytest.fixture(scope="module")
def predicted(studies: Path) -> dict[str, tuple[dict[str, Any], np.ndarray]]:
    """The result and the map in bands of ``bundle predict`` for each scan."""
    pipeline = Pipeline({"device": "cpu"})
    results = {}
    for axes in ORIENTATIONS:
        data, _, error = pipeline({"image": str(studies / f"{axes}_T2w.nii.gz")})
        assert error is None
        results[axes] = data["result"], data["pred"].as_tensor()[0].numpy()
    return results


@pytest.fixture(scope="module")
def ask(studies: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ask]:
    with label_server(PYTHON, str(studies), tmp_path_factory.mktemp("label")) as server:
        yield server


def infer(ask: Ask, folder: Path, image: str, **params: Any) -> tuple[dict[str, Any], nib.Nifti1Image]:
    """Request one scan; return the result and the bands, which come together as a form of two parts."""
    body = ask(f"/infer/{NAME}", {"device": "cpu", "result_dtype": "uint8", **params}, image=image)
    boundary = body.split(b"\r\n", 1)[0]
    result, bands = (part.split(b"\r\n\r\n", 1)[1][:-2] for part in body.split(boundary)[1:3])
    file = folder / f"{image}_{len(list(folder.iterdir()))}.nii.gz"
    file.write_bytes(bands)
    return json.loads(result), nib.load(file)


@pytest.fixture(scope="module")
def served(ask: Ask, tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[dict[str, Any], nib.Nifti1Image]]:
    folder = tmp_path_factory.mktemp("served")
    return {axes: infer(ask, folder, f"{axes}_T2w") for axes in ORIENTATIONS}


def test_info(ask: Ask) -> None:
    model = json.loads(ask("/info/"))["models"][NAME]
    assert model["type"] == "segmentation", "what viewers list"
    assert model["labels"] == {name: number for number, name in enumerate(BANDS, 1)}
    assert model["dimension"] == 2
    assert {"map_threshold", "first_slice", "last_slice"} <= set(model["config"])
    assert model["config"]["model_filename"] == "model.pt", "the only weights to choose"
    assert model["version"] == json.loads((ROOT / "metadata.json").read_text())["version"]


@pytest.mark.parametrize("axes", ORIENTATIONS)
def test_score_side_and_bands_are_those_of_predict(served: Any, predicted: Any, studies: Path, axes: str) -> None:
    expected, bands = predicted[axes]
    result, image = served[axes]
    assert result["score"] == pytest.approx(expected["score"], abs=1e-3)
    assert result["side"] == expected["side"] == "left"
    assert len(result["slices"]) == len(expected["slices"])
    assert result["comparison"]["word"] == expected["comparison"]["word"]
    assert result["comparison"]["reference"] == expected["comparison"]["reference"]
    assert result["status"] == expected["status"]
    assert "not for clinical use" in result["note"]
    given = nib.load(studies / f"{axes}_T2w.nii.gz")
    served_bands = np.asarray(image.dataobj)
    assert served_bands.dtype == np.uint8 and served_bands.shape == given.shape
    np.testing.assert_allclose(image.affine, given.affine, atol=1e-3)
    differ = float((served_bands != bands)[(served_bands > 0) | (bands > 0)].mean())
    print(axes, "bands differ in", differ, "of", int((bands > 0).sum()), "voxels")
    assert (bands > 0).any() and differ <= 0.005


def test_options_change_their_part_of_the_result(ask: Ask, served: Any, tmp_path: Path) -> None:
    result, low = served["RAS"]
    first, last = result["slices"][5]["index"], result["slices"][10]["index"]
    _, high = infer(ask, tmp_path, "RAS_T2w", map_threshold=0.75)
    assert 0 < (high.get_fdata() > 0).sum() < (low.get_fdata() > 0).sum()
    np.testing.assert_array_equal(high.get_fdata(), np.where(low.get_fdata() >= 3, low.get_fdata(), 0))
    part, _ = infer(ask, tmp_path, "RAS_T2w", first_slice=first, last_slice=last)
    assert [slice_["index"] for slice_ in part["slices"]] == list(range(first, last + 1))


@pytest.mark.parametrize("name", ["skull_strip.pt", "synthetic/skull_strip.pt"])
def test_other_weights_are_refused_by_name(ask: Ask, tmp_path: Path, name: str) -> None:
    with pytest.raises(AssertionError, match=f"^422 .*{name}: expected the weights of one of the backbones"):
        infer(ask, tmp_path, "RAS_T2w", model_filename=name)


def test_a_batch_saves_the_scores(ask: Ask, predicted: Any) -> None:
    asked = {"device": "cpu", "multi_gpu": False, "label_tag": "batch", "max_batch_size": 1}
    ask(f"/batch/infer/{NAME}", body=json.dumps(asked).encode(), images="all", run_sync="true")
    kept = {axes: json.loads(ask("/datastore/label/info", label=f"{axes}_T2w", tag="batch")) for axes in ORIENTATIONS}
    kept = {axes: label["params"] for axes, label in kept.items() if label}
    assert len(kept) == asked["max_batch_size"]
    for axes, params in kept.items():
        assert params["score"] == pytest.approx(predicted[axes][0]["score"], abs=1e-3)
        assert params["side"] == predicted[axes][0]["side"]
