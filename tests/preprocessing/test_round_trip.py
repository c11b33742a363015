"""There and back: from the file's own voxels to the pair of hemispheres, whatever the file's axes."""

from __future__ import annotations

import itertools
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest
import torch
from monai.data import MetaTensor
from monai.transforms import Invertd
from nibabel.orientations import apply_orientation, axcodes2ornt, inv_ornt_aff

from scripts.io.load import LoadScand
from scripts.preprocessing import preprocessing
from scripts.results.write import save_map
from tests.dicom import write_series
from tests.heads import Head, make_head

VOXELS = [(3.0, 3.0, 3.0), (2.0, 2.0, 5.0), (1.5, 2.5, 3.0), (4.0, 2.0, 2.0)]
CODES = ["".join(code) for axes in itertools.permutations(("LR", "PA", "IS")) for code in itertools.product(*axes)]


def to_pair(path: Path) -> tuple:
    chain = preprocessing(spacing=(1.5, 1.5, 2.0), skull_strip="none")
    return chain({"image": str(path)}), chain


def write_nifti(array: np.ndarray, affine: np.ndarray, path: Path) -> Path:
    image = nib.Nifti1Image(array.astype(np.float32), affine)
    image.set_sform(affine, code=1)
    image.set_qform(affine, code=1)
    nib.save(image, path)
    return path


def marked(head: Head) -> np.ndarray:
    """A flat brain with the lesion as the only mark, (X, Y, Z)."""
    return (10.0 * head.mask + 20.0 * head.lesion)[0].numpy()


def centroid(weight: np.ndarray, affine: np.ndarray) -> np.ndarray:
    index = np.indices(weight.shape).reshape(3, -1)
    return affine[:3, :3] @ (index @ weight.ravel() / weight.sum()) + affine[:3, 3]


def there_and_back(path: Path) -> MetaTensor:
    item, chain = to_pair(path)
    pair = item["image"]
    ground = float(pair.as_tensor()[pair.as_tensor() != 0].median())
    mark = torch.where(pair.as_tensor() != 0, pair.as_tensor() - ground, 0.0).clamp_min(0)
    item["pred"] = MetaTensor(mark).copy_meta_from(pair)
    item["pred"].applied_operations = list(pair.applied_operations)
    return Invertd("pred", transform=chain, orig_keys="image", nearest_interp=False)(item)["pred"]


@pytest.mark.parametrize("orientation", ["RAS", "LPS", "AIR"])
@pytest.mark.parametrize("voxel", VOXELS)
def test_a_map_returns_to_where_it_was_drawn(tmp_path: Path, voxel: tuple, orientation: str) -> None:
    head = make_head(orientation, yaw=11, roll=-7, shift=(5, 3, -2), voxel=voxel, lesion="left")
    affine = head.image.affine.numpy()
    path = write_nifti(marked(head), affine, tmp_path / "head.nii.gz")
    back = there_and_back(path)
    drawn = centroid(head.lesion[0].numpy().astype(float), affine)
    assert np.linalg.norm(centroid(back[0].numpy(), back.affine.numpy()) - drawn) < 0.3
    save_map(back, tmp_path / "map.nii.gz")
    stored, given = nib.load(tmp_path / "map.nii.gz"), nib.load(path)
    assert stored.shape == given.shape
    for name in ("affine", "get_sform", "get_qform"):
        found, expected = ((getattr(x, name)() if name != "affine" else x.affine) for x in (stored, given))
        np.testing.assert_allclose(found, expected, atol=1e-4)
    assert [int(stored.header[key]) for key in ("sform_code", "qform_code")] == [1, 1]


def test_a_map_returns_to_a_dicom_series(tmp_path: Path) -> None:
    head = make_head("LPS", yaw=11, roll=-7, voxel=(2.0, 2.0, 4.0), lesion="right")
    affine = head.image.affine.numpy()
    write_series(marked(head), affine, tmp_path / "series")
    back = there_and_back(tmp_path / "series")
    native = LoadScand("image")({"image": str(tmp_path / "series")})["image"]
    assert back.shape[1:] == native.shape
    np.testing.assert_allclose(back.affine, native.affine, atol=1e-4)
    drawn = centroid(head.lesion[0].numpy().astype(float), affine)
    assert np.linalg.norm(centroid(back[0].numpy(), back.affine.numpy()) - drawn) < 0.3


def check_codes(codes: list[str], folder: Path) -> None:
    head = make_head(yaw=8, roll=5, voxel=(4.0, 4.0, 4.0), asymmetry=0.03, lesion="left", noise=0.02)
    array, affine = head.brain[0].numpy(), head.image.affine.numpy()
    expected = to_pair(write_nifti(array, affine, folder / "RAS.nii.gz"))[0]["image"].as_tensor()
    for code in codes:
        turned = axcodes2ornt(code)
        # From the order of RAS to that of the code.
        steps = nib.orientations.ornt_transform(axcodes2ornt("RAS"), turned)
        file = write_nifti(
            apply_orientation(array, steps), affine @ inv_ornt_aff(steps, array.shape), folder / f"{code}.nii.gz"
        )
        assert "".join(nib.aff2axcodes(nib.load(file).affine)) == code
        pair = to_pair(file)[0]["image"].as_tensor()
        assert float((pair - expected).abs().max()) <= 1e-3 * float(expected.max() - expected.min()), code


def test_the_axes_of_the_file_do_not_matter(tmp_path: Path) -> None:
    check_codes(CODES[5::9], tmp_path)


@pytest.mark.slow
def test_none_of_the_48_axis_orientations_matters(tmp_path: Path) -> None:
    assert len(CODES) == 48
    check_codes(CODES, tmp_path)


def test_the_mirrored_head_is_the_swapped_pair(tmp_path: Path) -> None:
    head = make_head(yaw=8, roll=5, voxel=(3.0, 3.0, 3.0), asymmetry=0.03, lesion="left", noise=0.02)
    array, affine = head.brain[0].numpy(), head.image.affine.numpy()
    pair = to_pair(write_nifti(array, affine, tmp_path / "head.nii.gz"))[0]["image"].as_tensor()
    # The grid is symmetric about x = 0, so that the flipped array is the mirrored anatomy.
    mirrored = to_pair(write_nifti(array[::-1], affine, tmp_path / "mirrored.nii.gz"))[0]["image"].as_tensor()
    assert float((mirrored.flip(0) - pair).abs().max()) <= 1e-3 * float(pair.max() - pair.min())
