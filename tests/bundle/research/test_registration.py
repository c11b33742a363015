"""The peer of the midline search finds the plane of a tilted head, and has a row beside ours."""

import pytest

from bundle.research.benchmark.midline import summarise
from bundle.research.benchmark.midline.registration import register_to_mirror_image
from bundle.research.publish import tables_preprocessing as tables
from tests.heads import make_head


@pytest.mark.parametrize("pose", [{"yaw": 9, "roll": -6, "shift": (6, -4, 3)}, {"orientation": "LPS", "yaw": -20}])
def test_the_plane_of_a_tilted_head_is_found(pose):
    head = make_head(voxel=(3.0, 3.0, 3.0), noise=0.01, **pose)
    plane = register_to_mirror_image(head.brain, head.image.affine)
    assert plane.angle_to(head.plane) < 2
    assert abs(head.plane.distance_to(plane.point)) < 1
    assert plane.normal[0] > 0, "to the patient's right"


def test_a_row_without_an_error_estimate_has_seconds_and_no_flags():
    rows = [{"angle": angle, "offset": 0.1, "seconds": 5.0} for angle in (0.5, 3.0)]
    result = summarise(rows)
    assert (result["far_off"], result["seconds_median"]) == (1, 5.0) and "flagged" not in result
    assert "| – | 1 | – | 5.00 |" in tables.midline({"sets": {"peer": result}})
