"""The same head, however it was acquired and stored: the same score, side and place."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import nibabel as nib
import numpy as np
import pytest
from nibabel.orientations import axcodes2ornt, ornt_transform

from bundle.predict import DONE, run
from tests.bundle.predict.test_predict import QUICK, results_in
from tests.conftest import ROOT
from tests.dicom import write_series
from tests.heads import make_head

pytestmark = pytest.mark.skipif(not (ROOT / "models" / "model.pt").exists(), reason="no trained weights here")

CODES = ["".join(code) for axes in itertools.permutations(("LR", "PA", "IS")) for code in itertools.product(*axes)]
ACQUISITIONS = {"axial": "LPS", "coronal": "LIP", "sagittal": "PIL"}
"""Rows, columns and stack of a series."""

TRUE = np.array([-24.0, -12.0, 8.0])
"""Middle of the lesion that ``make_head`` draws on the left."""


@pytest.fixture(scope="module")
def head() -> nib.Nifti1Image:
    drawn = make_head(voxel=(2.5, 2.5, 2.5), noise=0.02, asymmetry=0.02, lesion="left")
    return nib.Nifti1Image(1000 * drawn.image[0].numpy(), drawn.image.affine.numpy())


def turned(image: nib.Nifti1Image, code: str) -> nib.Nifti1Image:
    return image.as_reoriented(ornt_transform(nib.io_orientation(image.affine), axcodes2ornt(code)))


def check_alike(found: dict[str, dict[str, Any]]) -> None:
    scores = [result["score"] for result in found.values()]
    assert np.ptp(scores) < 0.02, found.keys()
    for case, result in found.items():
        assert result["side"] == "left", case
        assert np.linalg.norm(result["peak_ras_mm"] - TRUE) < 15, case
    volumes = [result["volumes"]["left_ml"] for result in found.values()]
    assert np.ptp(volumes) < 0.01 * np.mean(volumes)


def test_dicom_of_three_acquisitions(head: nib.Nifti1Image, tmp_path: Path) -> None:
    for name, code in ACQUISITIONS.items():
        one = turned(head, code)
        write_series(one.get_fdata(), one.affine, tmp_path / "scans" / name)
    assert run([str(tmp_path / "scans")], tmp_path / "out", settings=QUICK) == DONE
    found = results_in(tmp_path / "out")
    assert set(found) == set(ACQUISITIONS)
    check_alike(found)


@pytest.mark.slow
def test_nifti_of_all_48_orientations(head: nib.Nifti1Image, tmp_path: Path) -> None:
    (tmp_path / "scans").mkdir()
    for code in CODES:
        nib.save(turned(head, code), tmp_path / "scans" / f"{code}.nii.gz")
    assert run([str(tmp_path / "scans")], tmp_path / "out", settings=QUICK) == DONE
    found = results_in(tmp_path / "out")
    assert set(found) == set(CODES)
    check_alike(found)
