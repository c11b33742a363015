"""The DICOM series of a folder that is read, and the order of its slices."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pydicom
import pytest

from scripts.io.dicom import chosen_series, find_series
from scripts.io.dicom.reader import SeriesReader
from scripts.io.errors import ScanError
from scripts.io.load import LoadScand
from tests.dicom import write_series

ARRAY = np.random.default_rng(0).random((10, 12, 14))
FINE = np.array([[-0.9, 0, 0, 5.0], [0, 0.8, 0.3, 6], [0, -0.3, 0.9, 7], [0, 0, 0, 1]])
COARSE = FINE @ np.diag([1.0, 1.0, 3.0, 1.0])


def load(folder: Path) -> tuple[np.ndarray, np.ndarray]:
    image = LoadScand("image")({"image": str(folder)})["image"]
    return image.numpy(), image.affine.numpy()


def test_the_order_is_that_of_the_places_whatever_the_numbers_say(tmp_path: Path) -> None:
    write_series(ARRAY, FINE, tmp_path / "right")
    write_series(ARRAY, FINE, tmp_path / "wrong", InstanceNumber=1)
    (right, right_affine), (wrong, wrong_affine) = load(tmp_path / "right"), load(tmp_path / "wrong")
    np.testing.assert_allclose(right, wrong)
    np.testing.assert_allclose(right_affine, wrong_affine)
    # Every voxel lies where it was, whatever the order of the axes.
    place = np.linalg.inv(right_affine) @ FINE @ [2, 3, 4, 1]
    assert right[tuple(np.round(place[:3]).astype(int))] == pytest.approx(ARRAY[2, 3, 4], abs=1e-3)


def test_of_several_the_finest_comes_first(tmp_path: Path) -> None:
    write_series(ARRAY, COARSE, tmp_path, SeriesNumber=1)
    write_series(ARRAY, FINE, tmp_path, SeriesNumber=5)
    write_series(ARRAY[..., :9], FINE, tmp_path, SeriesNumber=4)
    write_series(ARRAY, FINE, tmp_path, SeriesNumber=9)
    write_series(ARRAY, FINE, tmp_path, SeriesNumber=2, ImageType=["DERIVED", "SECONDARY", "MIP"])
    assert [series.number for series in find_series(tmp_path)] == [5, 9, 4, 1, 2]
    series, others = chosen_series(tmp_path)
    assert series.number == 5
    assert [other.code for other in others] == ["", "", "", "localiser"]


def test_two_echoes_are_two_series(tmp_path: Path) -> None:
    uid = "1.2.3.4"
    for echo in (20, 90):
        write_series(ARRAY, FINE, tmp_path, SeriesInstanceUID=uid, EchoTime=echo)
    assert [len(series.files) for series in find_series(tmp_path)] == [14, 14]


def test_what_is_no_dicom_is_passed_over(tmp_path: Path) -> None:
    write_series(ARRAY, FINE, tmp_path)
    (tmp_path / "DICOMDIR").write_bytes(b"\0" * 128 + b"DICM")
    (tmp_path / "notes.txt").write_text("notes")
    assert len(find_series(tmp_path)) == 1


def test_a_folder_without_a_series_says_so(tmp_path: Path) -> None:
    (tmp_path / "IM0001").write_bytes(b"\0" * 128 + b"DICM")
    with pytest.raises(ScanError, match="no DICOM file in it can be read") as refused:
        chosen_series(tmp_path)
    assert refused.value.code == "unreadable"


def test_folders_that_are_read_at_the_same_time_are_not_mixed_up(tmp_path: Path) -> None:
    write_series(ARRAY, FINE, tmp_path / "0", SeriesNumber=1)
    write_series(ARRAY[..., :9], COARSE, tmp_path / "1", SeriesNumber=2)
    reader = SeriesReader()
    first, second = (reader.read(str(tmp_path / name)) for name in "01")
    (array, meta), (other_array, other_meta) = reader.get_data(first), reader.get_data(second)
    assert (array.shape[2], meta["series"]) == (14, 1)
    assert (other_array.shape[2], other_meta["series"]) == (9, 2)


def test_a_file_is_read_once_to_choose_and_once_for_its_pixels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_series(ARRAY, FINE, tmp_path, SeriesNumber=1)
    write_series(ARRAY, COARSE, tmp_path, SeriesNumber=2)
    read: list[Path] = []
    dcmread = pydicom.dcmread
    monkeypatch.setattr(pydicom, "dcmread", lambda file, **options: read.append(file) or dcmread(file, **options))
    load(tmp_path)
    counts = [read.count(file) for file in tmp_path.iterdir()]
    assert sorted(counts) == [1] * ARRAY.shape[2] + [2] * ARRAY.shape[2]
