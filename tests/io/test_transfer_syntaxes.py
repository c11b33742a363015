"""The same voxels, however the slices are packed: every transfer syntax, frames of one file, a slope for each slice."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pydicom
import pytest
import SimpleITK as sitk  # noqa: N813
from pydicom import uid

from scripts.io.load import LoadScand
from tests.dicom import write_series
from tests.dicom_frames import write_enhanced, write_mosaic

ARRAY = np.random.default_rng(0).random((40, 44, 12))
TURN = np.array([[-1.0, 0, 0], [0, 0.8, 0.6], [0, -0.6, 0.8]])
AFFINE = np.block([[TURN * [0.9, 0.8, 1.5], np.array([[5.0], [6], [7]])], [np.eye(4)[3:]]])


def load(folder: Path) -> tuple[np.ndarray, np.ndarray]:
    image = LoadScand("image")({"image": str(folder)})["image"]
    return image.numpy(), image.affine.numpy()


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> tuple[np.ndarray, np.ndarray]:
    folder = tmp_path_factory.mktemp("plain")
    write_series(ARRAY, AFFINE, folder)
    return load(folder)


def compressed(syntax: str) -> Callable[[Path], None]:
    """Compress with pydicom."""

    def change(file: Path) -> None:
        dataset = pydicom.dcmread(file)
        dataset.compress(syntax, generate_instance_uid=False)
        dataset.save_as(file)

    return change


def lossless_jpeg(file: Path) -> None:
    """Compress with ITK: pydicom can only read this one."""
    image = sitk.ReadImage(str(file))
    writer = sitk.ImageFileWriter()
    writer.SetFileName(f"{file}.dcm")
    writer.KeepOriginalImageUIDOn()
    writer.UseCompressionOn()
    writer.SetCompressor("JPEG")
    dataset = pydicom.dcmread(file)
    writer.Execute(sitk.Cast(sitk.Round(image / float(dataset.RescaleSlope)), sitk.sitkUInt16))
    made = pydicom.dcmread(f"{file}.dcm")
    dataset.PixelData, dataset.file_meta.TransferSyntaxUID = made.PixelData, made.file_meta.TransferSyntaxUID
    dataset["PixelData"].is_undefined_length = True
    Path(f"{file}.dcm").unlink()
    assert dataset.file_meta.TransferSyntaxUID in (uid.JPEGLossless, uid.JPEGLosslessSV1)
    dataset.save_as(file)


def stored(syntax: str, little: bool) -> Callable[[Path], None]:
    """Store without compression of the pixels."""

    def change(file: Path) -> None:
        dataset = pydicom.dcmread(file)
        if not little:
            dataset.PixelData = np.frombuffer(dataset.PixelData, "<u2").astype(">u2").tobytes()
        dataset.file_meta.TransferSyntaxUID = syntax
        pydicom.dcmwrite(file, dataset, little_endian=little, implicit_vr=syntax == uid.ImplicitVRLittleEndian)

    return change


def without_preamble(file: Path) -> None:
    dataset = pydicom.dcmread(file)
    del dataset.file_meta
    pydicom.dcmwrite(file, dataset, implicit_vr=True, little_endian=True)


def own_slope(file: Path) -> None:
    """Half the values, and twice the slope, in every other slice."""
    dataset = pydicom.dcmread(file)
    if dataset.InstanceNumber % 2:
        dataset.PixelData = (2 * dataset.pixel_array.astype(np.uint16)).tobytes()
        dataset.BitsStored, dataset.HighBit, dataset.RescaleSlope = 16, 15, dataset.RescaleSlope / 2
        dataset.save_as(file)


CHANGES: dict[str, Callable[[Path], None]] = {
    "implicit": stored(uid.ImplicitVRLittleEndian, little=True),
    "big_endian": stored(uid.ExplicitVRBigEndian, little=False),
    "deflated": stored(uid.DeflatedExplicitVRLittleEndian, little=True),
    "rle": compressed(uid.RLELossless),
    "jpeg_2000": compressed(uid.JPEG2000Lossless),
    "jpeg_ls": compressed(uid.JPEGLSLossless),
    "jpeg_lossless": lossless_jpeg,
    "without_preamble": without_preamble,
    "own_slope": own_slope,
}


@pytest.mark.parametrize("name", CHANGES)
def test_every_syntax_gives_the_same_voxels(name: str, plain: tuple[np.ndarray, np.ndarray], tmp_path: Path) -> None:
    write_series(ARRAY, AFFINE, tmp_path)
    for file in list(tmp_path.iterdir()):
        CHANGES[name](file)
    voxels, affine = load(tmp_path)
    np.testing.assert_allclose(affine, plain[1], atol=1e-6)
    np.testing.assert_allclose(voxels, plain[0], atol=1e-6)


@pytest.mark.parametrize("write", [write_enhanced, write_mosaic])
def test_frames_of_one_file_give_the_same_voxels(
    write: Callable, plain: tuple[np.ndarray, np.ndarray], tmp_path: Path
) -> None:
    write(ARRAY, AFFINE, tmp_path)
    voxels, affine = load(tmp_path)
    np.testing.assert_allclose(affine, plain[1], atol=1e-5)
    np.testing.assert_allclose(voxels, plain[0], atol=1 / 4095)
