"""What was preprocessed is found again, whichever process looks for it."""

from __future__ import annotations

import pickle
from typing import Any

import pytest
from monai.bundle import ConfigParser

from scripts.data.content_hash import content_hash
from scripts.preprocessing.slices import Slicesd
from tests.conftest import ROOT

NAME = "scan"


def again(value: Any) -> Any:
    """Equal, but no longer one object where it was one."""
    return pickle.loads(pickle.dumps(value))


@pytest.mark.parametrize(
    ("item", "equal"),
    [
        ({"image": NAME, "case": NAME}, {"case": NAME, "image": again(NAME)}),
        ({"keys": ["image", "image"]}, {"keys": ["image", again("image")]}),
        ([Slicesd("image")], [Slicesd(again("image"))]),
    ],
)
def test_equal_content_has_one_hash(item: Any, equal: Any) -> None:
    assert content_hash(item) == content_hash(equal)


@pytest.mark.parametrize(
    ("item", "other"),
    [({"image": "a"}, {"image": "b"}), ([Slicesd("image")], [Slicesd("pair")]), ({"a": 1}, {"b": 1})],
)
def test_other_content_has_another_hash(item: Any, other: Any) -> None:
    assert content_hash(item) != content_hash(other)


def test_pairs_of_a_training_are_found_by_another_process(tmp_path: Any) -> None:
    hashes = []
    (tmp_path / "datalist.json").write_text(
        '{"training": [{"image": "a.nii.gz", "subject": "a"}], "validation": [{"image": "b.nii.gz", "subject": "b"}],'
        ' "test": [{"image": "c.nii.gz", "subject": "c"}]}'
    )
    overrides = {
        "bundle_root": str(ROOT),
        "dataset_dir": str(tmp_path / "datalist.json"),
        "pairs_dir": str(tmp_path / "pairs"),
        "skull_strip": "given",
        "train::deterministic::given_mask": "brain_mask",
        "lesion_type": ["physical", "pathology"],
    }
    for given in (overrides, again(overrides)):
        parser = ConfigParser()
        parser.read_config([str(ROOT / "configs" / name) for name in ("train.json", "cached_pairs.json")])
        parser.update(given)
        hashes.append(parser.get_parsed_content("train::dataset").transform_hash)
    assert hashes[0] == hashes[1]
