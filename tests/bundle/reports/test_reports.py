"""The reports need no other file, hold no markup from names, and have the letters of the affine."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
import torch
from monai.data import MetaTensor

from bundle.predict.scan_result import failed_result, scan_result
from bundle.reports.cohort import cohort_page
from bundle.reports.figures import hemispheres
from bundle.reports.planes import cut, in_ras, plane_distance
from bundle.reports.scan import scan_page
from scripts.io.errors import ScanError
from tests.bundle.predict.test_schema import ITEM, PROVENANCE, scored

VERSIONS = {**PROVENANCE, "versions": {"neonatal_brain_symmetry": "0"}, "sha256": {"model.pt": "a" * 64}}


def of_scan(affine: str = "", picture: bool = False) -> tuple[dict[str, Any], dict[str, Any]]:
    data = scored(affine, picture)
    grid = MetaTensor(torch.rand(1, 20, 24, 22), affine=torch.diag(torch.tensor([-2.0, 2, 2, 1])))
    data["head"] = grid[..., 0] if picture else grid
    data["brain_mask"] = MetaTensor((grid.as_tensor() > 0.3).to(torch.uint8), affine=grid.affine)
    data["probability"] = MetaTensor(torch.rand(1, 20, 24, 22), affine=grid.affine)
    return scan_result({**ITEM, "case": "<b>baby</b>"}, data, VERSIONS), data


COMPARISON = {
    **dict.fromkeys(("p_score", "p_volumes", "note")),
    **{"word": "unusual", "p": 0.023, "p_low": 0.005, "p_high": 0.06, "percentile": 97.7, "rests_on": "score"},
    **{"reference": "synthetic", "scans": 20, "note": ""},
}
UNUSUAL = {**of_scan()[0], "comparison": COMPARISON}


@pytest.mark.parametrize("affine", ["", "no_affine", "picture"])
def test_a_report_needs_no_other_file(affine: str) -> None:
    page = scan_page(*of_scan(affine, affine == "picture"), [0.1, 0.2, 0.3], with_viewer=False)
    assert "not for clinical use" in page
    assert not re.search(r"(src|href)=[\"'](?!data:|#)", page)
    assert "http" not in re.sub(r"base64,[A-Za-z0-9+/=]+|http-equiv", "", page)
    assert "default-src 'none'" in page, "it may ask for nothing"
    assert "<b>baby</b>" not in page
    assert "$" not in re.sub(r"base64,[A-Za-z0-9+/=]+", "", page)
    assert page.count("<img") == (4 if affine == "picture" else 10)
    assert ("Radiological convention" in page) == (affine == "")
    assert scan_page(*of_scan(affine, affine == "picture"), [0.1, 0.2, 0.3])[:500] == page[:500]


def test_a_report_says_whether_the_score_is_high() -> None:
    result, data = of_scan()
    page = scan_page(result, data, [])
    assert "not known: no reference" in page
    page = scan_page(UNUSUAL | {"score": 0.9}, data, [0.1] * 20)
    assert "answer high" in page
    assert "Unusual: of 100 normal scans, about 2 are as asymmetric or more (0.5 to 6; reference: synthetic)." in page
    assert "not how likely a disease is" in page
    high = UNUSUAL
    assert "Reference of normal scans: synthetic." in cohort_page([high], VERSIONS)
    assert "Asymmetry of 1 scan<" in cohort_page([high], VERSIONS)
    assert "Asymmetry of 2 scans<" in cohort_page([high, result], VERSIONS)
    assert "Not compared: no reference" in cohort_page([result], VERSIONS)


def test_the_page_of_all_scans() -> None:
    bad = failed_result({**ITEM, "case": "bad"}, ScanError("empty", "every voxel is 0"), VERSIONS)
    page = cohort_page([of_scan()[0], bad], VERSIONS)
    assert "not for clinical use" in page
    assert "1 failed" in page
    page = cohort_page([UNUSUAL, bad], VERSIONS)
    assert page.index("bad: empty") < page.index("unusual, left")
    assert 'href="sub-bad' not in page
    assert "<script src" not in page


@pytest.mark.parametrize("axes", ["RAS", "LPS", "AIL"])
def test_a_cut_shows_the_patient_s_left_on_the_right(axes: str) -> None:
    from nibabel import orientations

    values = np.zeros((10, 12, 14), dtype=np.float32)
    values[2, 9, 7] = 1  # left and front
    change = orientations.ornt_transform(orientations.axcodes2ornt("RAS"), orientations.axcodes2ornt(axes))
    affine = np.diag([1.0, 2.0, 3.0, 1.0]) @ orientations.inv_ornt_aff(change, values.shape)
    volume = MetaTensor(orientations.apply_orientation(values, change).copy()[None], affine=affine)
    ras, matrix = in_ras(volume)
    sides = np.linalg.norm(matrix[:3, :3], axis=0)
    assert sides.tolist() == [1, 2, 3]
    shown = cut(ras, sides, "axial", 7)
    assert np.argwhere(shown.image).tolist() == [[9, 7]]  # rows from the back, columns from the right
    assert shown.extent == (0, 10, 0, 24)
    assert np.argwhere(cut(ras, sides, "sagittal", 2).image).tolist() == [[7, 2]]  # columns from the front


def test_distance_from_the_midline() -> None:
    affine = np.diag([2.0, 1, 1, 1])
    affine[0, 3] = -10
    distance = plane_distance((11, 3, 4), affine, [0, 0, 0], [1, 0, 0])
    assert distance.shape == (11, 3, 4)
    assert distance[:, 0, 0].tolist() == list(range(-10, 11, 2))


def test_the_left_hemisphere_is_the_mirrored_one() -> None:
    """With the midline at the right edge, as in the radiological convention, the right hemisphere is as scanned."""
    result, data = of_scan()
    page = scan_page(result, data, [])
    assert list(hemispheres(data, result)) == ["left hemisphere, mirrored", "right hemisphere", "difference"]
    assert "the left hemisphere is mirrored at the midline" in " ".join(page.split())
    result, data = of_scan("no_affine")
    assert "left hemisphere" not in scan_page(result, data, [])
