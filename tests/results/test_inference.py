"""From a file to a score, a side and a map on the scan's own grid, with the shipped weights."""

import json

import nibabel as nib
import numpy as np
import pytest

from scripts.phantom.cohort import make_cohort
from tests.conftest import INFERENCE, ROOT
from tests.dicom import write_series

pytestmark = pytest.mark.skipif(not (ROOT / "models" / "model.pt").exists(), reason="no trained weights here")

LESION_MM = 15.0


@pytest.fixture
def predict(workflow, tmp_path):
    def run(path):
        workflow(INFERENCE, "infer", dataset_dir=str(path)).run()
        results = {}
        for file in sorted((tmp_path / "out").rglob("*_asymmetry.json")):
            map_file = next(file.parent.glob("*_desc-asymmetry_map.nii.gz"))
            result = json.loads(file.read_text())
            results[result["case"]] = result, nib.load(map_file)
        return results

    return run


@pytest.fixture(scope="module")
def template():
    from nilearn.datasets import load_mni152_template

    return load_mni152_template(resolution=2)


@pytest.mark.slow
def test_a_real_image_as_nifti_and_as_dicom(predict, template, tmp_path):
    scans = tmp_path / "scans"
    scans.mkdir()
    nib.save(template, scans / "mni152.nii.gz")
    # What the file holds: the template's header stores few grey levels.
    array = nib.load(scans / "mni152.nii.gz").get_fdata(dtype=np.float32)
    write_series(array, template.affine, scans / "series")
    results = predict(scans)
    (nifti, nifti_map), (dicom, dicom_map) = results["mni152"], results["series"]
    assert nifti["score"] == pytest.approx(dicom["score"], abs=1e-3)
    for slice_, same in zip(nifti["slices"], dicom["slices"], strict=True):
        assert slice_["score"] == pytest.approx(same["score"], abs=1e-3)
    assert nifti["side"] == dicom["side"]
    assert nifti_map.shape == template.shape
    assert np.allclose(nifti_map.affine, template.affine, atol=1e-4)
    assert "not for clinical use" in nifti["note"]
    # The DICOM map lies at the same places, whatever the order of its voxels.
    flat = nib.as_closest_canonical(dicom_map)
    assert np.allclose(flat.affine, nib.as_closest_canonical(nifti_map).affine, atol=1e-3)
    assert np.allclose(flat.get_fdata(), nib.as_closest_canonical(nifti_map).get_fdata(), atol=0.02)


@pytest.fixture(scope="module")
def head(tmp_path_factory):
    """A synthetic head (RAS, 1 mm), its brain mask, and its mid-sagittal plane."""
    folder = tmp_path_factory.mktemp("head")
    make_cohort(folder, subjects=3, spacing=1.0, asymmetry="mild")
    item = json.loads((folder / "datalist.json").read_text())["test"][0]
    image = nib.as_closest_canonical(nib.load(folder / item["image"]))
    mask = nib.as_closest_canonical(nib.load(folder / item["brain_mask"]))
    return image, mask.get_fdata() > 0, item["plane"]


def with_lesion(head, side):
    """Put a ball of changed tissue, 15 mm wide, into one hemisphere, midway between mid-sagittal plane and edge."""
    image, mask, plane = head
    values = image.get_fdata().copy()  # nibabel keeps what it gave
    voxels = np.argwhere(mask)
    points = nib.affines.apply_affine(image.affine, voxels)
    lateral = (points - plane["point"]) @ np.asarray(plane["normal"])
    own = lateral > 0 if side == "right" else lateral < 0
    target = np.median(points[own], axis=0)
    ball = np.linalg.norm(points - target, axis=1) < LESION_MM / 2
    values[tuple(voxels[ball].T)] += 2.5 * values[mask].std()
    return nib.Nifti1Image(values.astype(np.float32), image.affine), target


def reoriented(image, axes):
    """Reorient the voxel axes of a head; its position in the scanner stays."""
    target = nib.orientations.axcodes2ornt(axes)
    return image.as_reoriented(nib.orientations.ornt_transform(nib.io_orientation(image.affine), target))


def oblique(image):
    """Turn the patient in the scanner by 12 degrees about the vertical axis; the voxels stay."""
    angle = np.radians(12)
    turn = np.eye(4)
    turn[:2, :2] = [[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]
    return nib.Nifti1Image(image.dataobj, turn @ image.affine), turn


@pytest.mark.parametrize("side", ["left", pytest.param("right", marks=pytest.mark.slow)])
def test_a_simulated_lesion_is_detected_in_its_hemisphere_in_every_orientation(predict, head, tmp_path, side):
    image, target = with_lesion(head, side)
    scans = tmp_path / "scans"
    scans.mkdir()
    for axes in ("RAS", "LAS", "LPS"):
        nib.save(reoriented(image, axes), scans / f"{axes}.nii.gz")
    turned, turn = oblique(image)
    nib.save(turned, scans / "oblique.nii.gz")
    for name, (result, map_) in predict(scans).items():
        assert result["side"] == side, name
        expected = nib.affines.apply_affine(turn, target) if name == "oblique" else target
        assert np.linalg.norm(np.array(result["peak_ras_mm"]) - expected) < LESION_MM, name
        values = map_.get_fdata()
        highest = nib.affines.apply_affine(map_.affine, np.unravel_index(values.argmax(), values.shape))
        assert np.linalg.norm(highest - expected) < LESION_MM, name


def test_a_mirrored_image_has_the_same_score_and_a_mirrored_map(predict, head, tmp_path):
    image, _ = with_lesion(head, "left")
    scans = tmp_path / "scans"
    scans.mkdir()
    nib.save(image, scans / "plain.nii.gz")
    mirrored = nib.Nifti1Image(image.get_fdata()[::-1].astype(np.float32), image.affine)
    nib.save(mirrored, scans / "mirrored.nii.gz")
    results = predict(scans)
    (plain, plain_map), (mirror, mirror_map) = results["plain"], results["mirrored"]
    assert plain["score"] == pytest.approx(mirror["score"], abs=1e-2)
    assert {plain["side"], mirror["side"]} == {"left", "right"}
    assert np.abs(plain_map.get_fdata() - mirror_map.get_fdata()[::-1]).mean() < 1e-2
