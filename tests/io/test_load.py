import nibabel as nib
import numpy as np
import pytest
from monai.transforms import Compose, EnsureChannelFirstd

from scripts.io.check_scan import CheckScand
from scripts.io.load import LoadScand

HEAD = np.random.default_rng(0).random((8, 9, 10)).astype(np.float32)
LOAD = Compose([LoadScand(keys="image"), EnsureChannelFirstd(keys="image"), CheckScand(keys="image")])


def write(path, array, affine=None):
    nib.save(nib.Nifti1Image(array, np.eye(4) if affine is None else affine), path)
    return str(path)


def without_affine(path, array):
    image = nib.Nifti1Image(array, None)
    image.header["sform_code"] = image.header["qform_code"] = 0
    nib.save(image, path)
    return str(path)


def nan(array):
    array = array.copy()
    array[1, 2, 3] = np.nan
    return array


def text(path):
    path.write_text("not an image")
    return str(path)


CASES = {
    "missing": (lambda p: str(p), FileNotFoundError, r"bad\.nii\.gz: no such file"),
    "no image": (text, ValueError, r"bad\.nii\.gz: can't be read as an image\. Expected a complete file: NIfTI"),
    "4-D": (
        lambda p: write(p, np.stack([HEAD, HEAD], -1)),
        ValueError,
        r"bad\.nii\.gz: expected one 3-D volume, found .*\(8, 9, 10\).* 2 channel",
    ),
    "NaN": (lambda p: write(p, nan(HEAD)), ValueError, r"bad\.nii\.gz: 1 voxels are NaN or infinite"),
    "zero": (lambda p: write(p, 0 * HEAD), ValueError, r"bad\.nii\.gz: every voxel has the value 0"),
    "no affine": (
        lambda p: without_affine(p, HEAD),
        ValueError,
        r"bad\.nii\.gz: no usable affine .*left and right are unknown",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_bad_input_has_a_clear_error(case, tmp_path):
    make, error, message = CASES[case]
    path = make(tmp_path / "bad.nii.gz")
    with pytest.raises(Exception) as raised:
        LOAD({"image": path})
    chain, found = raised.value, []
    while chain is not None:
        found.append(chain)
        chain = chain.__cause__
    assert any(isinstance(e, error) for e in found)
    import re

    assert any(re.search(message, str(e)) for e in found), [str(e) for e in found]


def test_good_input_passes(tmp_path):
    image = LOAD({"image": write(tmp_path / "good.nii.gz", HEAD)})["image"]
    assert image.shape == (1, 8, 9, 10)
    assert np.allclose(image.numpy()[0], HEAD)
