"""The examples of the documents run as they are printed."""

import re

import nibabel as nib
import pytest

from .conftest import ROOT
from .heads import make_head


@pytest.mark.parametrize("page", ["preprocessing.md"])
def test_examples_run(page, tmp_path, monkeypatch):
    head = make_head("LPS", yaw=6.0, voxel=(2.5, 3.0, 3.5))
    nib.save(nib.Nifti1Image(head.image[0].numpy(), head.image.affine.numpy()), tmp_path / "head.nii.gz")
    monkeypatch.chdir(tmp_path)
    names: dict = {}
    blocks = re.findall(r"```python\n(.*?)```", (ROOT / "docs" / page).read_text(), re.DOTALL)
    assert blocks
    for block in blocks:
        exec(block, names)
    assert abs(names["tilt"]["yaw"] - 6.0) < 1.5
    assert names["back"].shape == names["aligned"].shape
