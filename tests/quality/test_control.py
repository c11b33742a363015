"""One judgement, at the end of the preprocessing; and the cause of an error that comes before it."""

from __future__ import annotations

import json
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest
import torch
from monai.data import MetaTensor

from scripts.io.errors import ScanError
from scripts.preprocessing import preprocessing
from scripts.quality.brain import MeasureBraind
from scripts.quality.control import QualityControld, cause
from scripts.quality.head import MeasureHeadd
from scripts.quality.hemispheres import MeasureHemispheresd
from scripts.quality.measurements import Measurements
from scripts.quality.rules import NARROWEST_WHOLE
from tests.heads import make_head


def two_heads() -> MetaTensor:
    head = make_head(noise=0.03)
    return MetaTensor(torch.cat([head.image, head.image], dim=1), affine=head.image.affine)


def test_measuring_refuses_nothing() -> None:
    image = MeasureHeadd(keys="image")({"image": two_heads()})["image"]
    assert image.meta["measurements"]["heads"] == 2
    phantom = MetaTensor((make_head().mask != 0).float(), affine=image.affine)
    assert MeasureBraind(keys="image")({"image": phantom})["image"].meta["measurements"]["contrast"] == 0
    pair = MetaTensor(torch.ones(2, 8, 40, 6))  # too narrow for a brain
    assert (
        MeasureHemispheresd(keys="image")({"image": pair})["image"].meta["measurements"]["width_over_length"]
        < NARROWEST_WHOLE
    )


def test_what_was_measured_is_judged_at_the_end() -> None:
    pair = MetaTensor(torch.ones(2, 20, 40, 6), meta={"filename_or_obj": "/data/sub-1.nii.gz"})
    pair.meta["measurements"], pair.meta["midline"] = {"wrapped": 99.0}, {"similarity": 0.7, "point": [0.0, 0.0, 0.0]}
    with pytest.raises(ScanError, match=r"^sub-1.nii.gz: 99 values overflowed") as refused:
        QualityControld(keys="image")({"image": pair})
    assert refused.value.code == "wrapped_integers"
    pair.meta["measurements"] = {"noise": 0.2}
    judged = QualityControld(keys="image")({"image": pair})["image"]
    assert [flag["code"] for flag in json.loads(judged.meta["qc_flags"])] == ["noise"]
    assert judged.meta["measurements"] == {"noise": 0.2, "similarity": 0.7}


def test_a_head_that_stands_on_its_crown_has_no_trusted_affine() -> None:
    pair = MetaTensor(torch.ones(2, 20, 40, 6))
    head = {"heads": 1.0, "head_ml": 900.0, "end_below": 0.0, "end_above": 0.4, "brain_ml": 400.0}
    for fault, expected in (("", "upside_down"), ("no_affine", "no_affine")):
        pair.meta["measurements"] = {**head, "affine_fault": fault}
        judged = QualityControld(keys="image")({"image": pair})["image"]
        assert judged.meta["measurements"]["affine_fault"] == expected
        assert expected in judged.meta["qc_flags"]


def test_an_error_on_the_way_has_its_cause() -> None:
    image = MeasureHeadd(keys="image")({"image": two_heads()})["image"]
    error, refused = ValueError("no brain"), ScanError("no_affine", "no affine")
    assert getattr(cause(error, image), "code", None) == "several_heads"
    assert cause(refused, image) is refused
    assert cause(error, make_head().image) is error
    assert cause(error, "/data/sub-1.nii.gz") is error


def test_every_measurement_is_described(tmp_path: Path) -> None:
    head = make_head(voxel=(2.5, 2.5, 2.5), noise=0.02)
    nib.save(nib.Nifti1Image(head.image[0].numpy(), head.image.affine.numpy()), tmp_path / "head.nii.gz")
    chain = preprocessing(spacing=(2.0, 2.0, 4.0), skull_strip="classic", quality=True)
    measurements = chain({"image": str(tmp_path / "head.nii.gz")})["image"].meta["measurements"]
    assert set(measurements) <= set(Measurements.__annotations__)
    assert all(isinstance(value, str | float) and value == value for value in measurements.values()), measurements
    assert np.isclose(measurements["spacing_mm"], 2.5)
