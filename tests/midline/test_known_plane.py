"""A plane that is known already."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from scripts.midline.known_plane import known_plane
from scripts.midline.plane import MidsagittalPlane

PLANE = {"point": [3.0, -4.0, 5.0], "normal": [1.0, 0.0, 0.0]}
SYMBRAIN = "[{'x': 30.0, 'y': 10.5} {'x': 32.0, 'y': 90.5}]"
AFFINE = np.diag([2.0, 0.5, 1.0, 1.0])
AFFINE[:2, 3] = -10


def test_numbers_and_a_file(tmp_path: Path) -> None:
    file = tmp_path / "plane.json"
    file.write_text(json.dumps(PLANE))
    expected = MidsagittalPlane((3, -4, 5), (1, 0, 0))
    for known in (expected, PLANE, file, str(file)):
        assert known_plane(known, AFFINE) == expected


@pytest.mark.parametrize(
    "line", [SYMBRAIN, [(30, 10.5), (32, 90.5)], [{"x": 30, "y": 10.5}, {"x": 32, "y": 90.5}], [(32, 90.5), (30, 10.5)]]
)
def test_a_line_goes_through_its_two_points(line: object) -> None:
    plane = known_plane(line, AFFINE)
    for pixel in ((30, 10.5), (32, 90.5)):
        point = AFFINE @ [*pixel, 0, 1]
        assert plane.distance_to(point[:3]) == pytest.approx(0, abs=1e-9)
    assert plane.normal[0] > 0.9
    assert plane.normal[2] == 0


@pytest.mark.parametrize(
    ("known", "message"),
    [
        ([(1, 2), (1, 2)], "two different points"),
        ([(1, 2), (1, "a")], "two points"),
        ([{"x": 1}, {"x": 2}], "two points"),
        ({"point": [0, 0, 0]}, "'point' and 'normal'"),
        (7, "got int"),
    ],
)
def test_errors_name_what_is_wrong(known: object, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        known_plane(known, AFFINE)


def test_errors_of_files(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"nowhere\.json: no such file"):
        known_plane("nowhere.json", AFFINE)
    broken = tmp_path / "broken.json"
    broken.write_text("{")
    with pytest.raises(ValueError, match=r"broken\.json: expected JSON"):
        known_plane(broken, AFFINE)
