"""MONAI Label before an archive, as its own OHIF uses it: score, segments and viewer come without any other network."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pydicom
import pytest

from bundle.predict.cohort_table import NAME
from tests.dicom import write_series
from tests.heads import make_head
from tests.hosts import host_python, reason
from tests.hosts.label import Ask, label_server
from tests.hosts.orthanc import PROGRAM, free_port, orthanc
from tests.hosts.orthanc import REASON as NO_ORTHANC

PYTHON = host_python("label", "monailabel")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not PYTHON, reason=reason("label")),
    pytest.mark.skipif(not PROGRAM, reason=NO_ORTHANC),
]
SERIES = "1.2.826.0.1.3680043.8.498.281"
LABELS = [{"name": "faint"}, {"name": "mild"}, {"name": "marked"}, {"name": "strong"}]


@pytest.fixture(scope="module")
def ask(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ask]:
    home = tmp_path_factory.mktemp("archive")
    head = make_head("LPS", yaw=3, voxel=(1.5, 1.5, 2.0), noise=0.02, lesion="left")
    tags = {"SeriesInstanceUID": SERIES, "SeriesDescription": "T2 tra"}
    write_series(head.image[0].numpy(), head.image.affine.numpy(), home / "study", **tags)
    environment = {
        "MONAI_LABEL_DICOMWEB_SEARCH_FILTER": '{"Modality": "MR"}',
        "http_proxy": "http://127.0.0.1:9",  # nothing but this machine can be reached
        "https_proxy": "http://127.0.0.1:9",
        "no_proxy": "127.0.0.1",
    }
    with orthanc(home / "orthanc", ("NONE", free_port())) as archive:
        for file in (home / "study").iterdir():
            archive.ask("/instances", file.read_bytes())
        with label_server(PYTHON, archive.dicomweb, home, environment) as server:
            yield server


def test_the_score_of_a_series(ask: Ask) -> None:
    result = json.loads(ask(f"/infer/{NAME}", {"device": "cpu"}, image=SERIES, output="json"))
    assert (result["side"], result["status"] != "failed") == ("left", True)


def test_the_segments_of_a_series(ask: Ask, tmp_path: Path) -> None:
    body = ask(f"/infer/{NAME}", {"device": "cpu", "label_info": LABELS}, image=SERIES, output="dicom_seg")
    seg = pydicom.dcmread(io.BytesIO(body))
    assert seg.Modality == "SEG" and len(seg.SegmentSequence) >= 1
    frames = seg.pixel_array.reshape(-1, seg.Rows, seg.Columns)
    places = []
    for frame, item in zip(frames, seg.PerFrameFunctionalGroupsSequence, strict=True):
        rows, columns = np.nonzero(frame)
        step = [float(v) for v in seg.SharedFunctionalGroupsSequence[0].PixelMeasuresSequence[0].PixelSpacing]
        axes = seg.SharedFunctionalGroupsSequence[0].PlaneOrientationSequence[0].ImageOrientationPatient
        origin = np.array([float(v) for v in item.PlanePositionSequence[0].ImagePositionPatient])
        along, down = np.array(axes[:3], float), np.array(axes[3:], float)
        places.append(origin + np.outer(columns * step[1], along) + np.outer(rows * step[0], down))
    assert np.linalg.norm(np.concatenate(places).mean(0) - [23.3, 13.2, 8.0]) < 4


def test_the_viewer_is_served(ask: Ask) -> None:
    assert b"ohif" in ask("/ohif/").lower()
