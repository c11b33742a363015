"""The parts of the MONAI Deploy application that need no MONAI Deploy: series, frames and files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest

from bundle.deploy.measurements import MEASURES, values
from bundle.deploy.run import run_studies
from bundle.deploy.score import Scored, score_study, to_frames
from bundle.deploy.write import write_all
from bundle.predict import NOTHING_DONE
from bundle.predict.pipeline import Pipeline
from scripts.io.dicom.frames import Frame, tag_values
from tests.dicom import write_series
from tests.heads import make_head

QUICK = {"device": "cpu", "spacing": [2.0, 2.0, 4.0]}


@pytest.fixture(scope="module")
def scored(tmp_path_factory: pytest.TempPathFactory) -> Scored:
    """A head with a lesion in its left hemisphere, as DICOM among other series."""
    folder = tmp_path_factory.mktemp("study")
    head = make_head("LPS", yaw=3, voxel=(2.5, 2.5, 2.5), noise=0.02, lesion="left")
    array, affine = head.image[0].numpy(), head.image.affine.numpy()
    write_series(array, affine, folder / "a", SeriesNumber=3)
    write_series(array[..., :4], affine, folder / "b", SeriesDescription="Localizer")
    return score_study([*(folder / "a").iterdir(), *(folder / "b").iterdir()], Pipeline(QUICK))


def test_the_best_series_is_scored(scored: Scored) -> None:
    assert scored.result["side"] == "left"
    assert {int(slice_.SeriesNumber) for slice_ in scored.slices} == {3}
    assert scored.result["case"].startswith("sub-dicom")
    assert "Phantom" not in json.dumps(scored.result)


def test_frames_lie_on_their_slices_and_on_the_right_side(scored: Scored) -> None:
    assert scored.frames is not None and scored.frames.dtype == np.uint8
    assert scored.frames.shape == (len(scored.slices), scored.slices[0].Rows, scored.slices[0].Columns)
    places = []
    for frame, source in zip(scored.frames, scored.slices, strict=True):
        rows, columns = np.nonzero(frame)
        corner, turn = np.array(source.ImagePositionPatient, float), np.array(source.ImageOrientationPatient, float)
        step = [float(side) for side in source.PixelSpacing]
        places.append(corner + columns[:, None] * step[1] * turn[:3] + rows[:, None] * step[0] * turn[3:])
    assert np.concatenate(places).mean(0)[0] > 0, "L grows to the patient's left"


def test_frames_with_other_positions_are_an_error(scored: Scored) -> None:
    frames = [Frame(Path(str(k)), 0, tag_values(slice_)) for k, slice_ in enumerate(scored.slices)]
    made = to_frames(scored.data["pred"], frames, scored.slices)
    np.testing.assert_array_equal(made, scored.frames)
    with pytest.raises(ValueError, match=r"slice 0: frames of shape .* mm off, expected the positions of the series"):
        to_frames(scored.data["pred"], frames[::-1], scored.slices)


def test_what_is_measured(scored: Scored) -> None:
    measured = values(scored.result)
    assert set(measured) <= set(MEASURES)
    assert measured["SCORE"] == scored.result["score"] <= measured["HIGHEST"] <= 1
    assert all(type(value) is float for value in measured.values())


def test_a_study_without_a_series_to_score_has_a_reason(tmp_path: Path) -> None:
    head = make_head("LPS", voxel=(3.0, 3.0, 3.0))
    array, affine = head.image[0].numpy(), head.image.affine.numpy()
    write_series(array[..., :5], affine, tmp_path / "in", SeriesDescription="Localizer")
    said: list[str] = []
    assert run_studies(tmp_path / "in", tmp_path / "out", QUICK, said.append) == NOTHING_DONE
    assert [file.name for file in (tmp_path / "out").iterdir()] == ["scores.json"]
    result: dict[str, Any] = json.loads((tmp_path / "out" / "scores.json").read_text())
    assert result["status"] == "failed" and result["score"] is None
    assert [reason["code"] for reason in result["reasons"]] == ["localiser"] and "localiser" in said[0]
    assert "Phantom" not in json.dumps(result) + said[0]


@pytest.fixture(scope="module")
def objects(scored: Scored, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folders = [tmp_path_factory.mktemp(name) for name in ("first", "second")]
    for folder in folders:
        write_all(scored, folder)
    return folders


def test_a_second_run_writes_the_same_objects(objects: list[Path]) -> None:
    first, second = (
        {file.name: str(pydicom.dcmread(file).SOPInstanceUID) for file in folder.glob("*.dcm")} for folder in objects
    )
    assert first == second and {"asymmetry_seg.dcm", "asymmetry_sr.dcm"} <= set(first)


def test_the_report_refers_to_the_segments_and_names_every_place(objects: list[Path], scored: Scored) -> None:
    from highdicom import sr
    from highdicom.seg import segread

    seg = segread(objects[0] / "asymmetry_seg.dcm")
    content = sr.srread(objects[0] / "asymmetry_sr.dcm").content
    rois = content.get_volumetric_roi_measurement_groups()
    assert rois and all(roi.referenced_segment.referenced_sop_instance_uid == seg.SOPInstanceUID for roi in rois)
    places = content.get_planar_roi_measurement_groups()
    centres = [place.roi.value[0] * [-1, -1, 1] for place in places]
    np.testing.assert_allclose(centres, [one["centre_ras_mm"] for one in scored.result["findings"]], atol=0.1)
    (scan,) = content.get_image_measurement_groups()
    text = {one.name.meaning: one.value.meaning for one in scan.get_qualitative_evaluations()}
    assert text["Side of the asymmetry, by the affine"] == "Left" and text["Reference of normal scans"]
    assert seg.NumberOfFrames == 4 * len(scored.slices), "all frames are present"
    assert all("RecommendedDisplayCIELabValue" in one for one in seg.SegmentSequence)
