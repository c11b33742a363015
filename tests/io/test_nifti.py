"""A NIfTI file is opened once, and its stored header travels with the image."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nibabel as nib
import numpy as np
import pytest
from monai.transforms import Compose, EnsureChannelFirstd, LoadImaged

from scripts.io.check_scan import CheckScand
from scripts.io.errors import ScanError
from scripts.io.load import LoadScand
from scripts.io.nifti import nifti_header
from scripts.preprocessing import preprocessing
from scripts.quality.brain import MeasureBraind
from tests.heads import Head, make_head

VOXEL = (2.5, 2.5, 2.5)


@pytest.fixture(scope="module")
def head() -> Head:
    return make_head("LPS", voxel=VOXEL, noise=0.02)


def write(head: Head, path: Path, forms: tuple[str, ...] = ("sform",), dtype: Any = np.int16) -> str:
    image = nib.Nifti1Image((100 * head.image[0].numpy()).astype(dtype), None)
    image.header.set_zooms(VOXEL)
    for form in forms:
        getattr(image, f"set_{form}")(head.image.affine.numpy(), code=4)
    nib.save(image, path)
    return str(path)


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The files that nibabel opens."""
    files: list[str] = []
    load = nib.load

    def counted(file: Any, **options: Any) -> Any:
        files.append(str(file))
        return load(file, **options)

    monkeypatch.setattr("nibabel.load", counted)
    return files


def test_the_preprocessing_opens_a_scan_once(head: Head, tmp_path: Path, opened: list[str]) -> None:
    path = write(head, tmp_path / "head.nii.gz")
    chain = preprocessing(spacing=(2.0, 2.0, 4.0), skull_strip="classic", quality=True)
    measurements = chain({"image": path})["image"].meta["measurements"]
    assert opened == [path]
    assert (measurements["affine_fault"], measurements["wrapped"]) == ("", 0)


@pytest.mark.parametrize(
    ("forms", "fault"), [((), "no_affine"), (("sform",), ""), (("qform",), ""), (("sform", "qform"), "")]
)
def test_an_image_that_a_host_has_loaded_is_judged_alike(
    head: Head, tmp_path: Path, opened: list[str], forms: tuple[str, ...], fault: str
) -> None:
    path = write(head, tmp_path / "head.nii.gz", forms)
    checks = [EnsureChannelFirstd("image"), CheckScand("image", strict=False), MeasureBraind("image")]
    ours, hosts = (Compose([load("image"), *checks])({"image": path})["image"] for load in (LoadScand, LoadImaged))
    assert ours.meta["measurements"] == hosts.meta["measurements"]
    assert ours.meta["measurements"]["affine_fault"] == fault
    assert np.array_equal(ours.affine, hosts.affine)
    assert len(opened) == 1 + 2, "ours once; a host's once by the host, and once for the header"


def test_the_header_is_that_of_the_file(head: Head, tmp_path: Path) -> None:
    image = LoadScand("image")({"image": write(head, tmp_path / "head.nii", dtype=np.uint8)})["image"]
    header = nifti_header(image)
    assert header is not None
    assert (header["sform_code"], header["qform_code"]) == (4, 0)
    np.testing.assert_allclose(header["sform"], head.image.affine, atol=1e-6)
    assert np.array_equal(header["qform"], np.eye(4))
    assert (header["pixdim"].tolist(), header["dtype"], header["slope"]) == ([*VOXEL], "uint8", 1.0)


def test_an_image_of_no_nifti_file_has_no_header(head: Head) -> None:
    assert nifti_header(head.image) is None


@pytest.mark.parametrize("dtype", [np.complex64, np.dtype([("R", "u1"), ("G", "u1"), ("B", "u1")])])
def test_voxels_of_more_than_one_number_are_refused(tmp_path: Path, dtype: Any) -> None:
    nib.save(nib.Nifti1Image(np.ones((9, 9, 9), dtype), np.eye(4)), tmp_path / "scan.nii.gz")
    with pytest.raises(ScanError, match=r"scan.nii.gz: voxels of type .*, expected one number each") as refused:
        LoadScand("image")({"image": str(tmp_path / "scan.nii.gz")})
    assert refused.value.code == "not_real"
