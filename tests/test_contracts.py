"""What MONAI Label and MONAI Deploy rely on, checked without either: names, order, types, plain JSON."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import nibabel as nib
import pytest
import torch
from monai.bundle import ConfigParser
from monai.data import MetaTensor
from monai.transforms import Compose, LoadImaged, MapTransform

from bundle.predict.cohort_table import NAME
from scripts.network.score import OUTSIDE
from scripts.results.bands import BANDS, Bandsd, channel_def, to_bands, without_specks
from scripts.results.slice_range import KeepSlicesd
from tests.conftest import INFERENCE, ROOT
from tests.heads import make_head

METADATA = json.loads((ROOT / "configs" / "metadata.json").read_text())
FORMAT = METADATA["network_data_format"]
FORBIDDEN = ("classification", "detection", "segmentation", "deepedit", "deepgrow")
"""With such a word in the folder's name, MONAI Label treats the bundle as another kind of task."""


def as_a_host_reads() -> ConfigParser:
    """The bundle on a coarse grid, which is fast."""
    parser = ConfigParser()
    parser.read_config(INFERENCE)
    parser["bundle_root"] = str(ROOT)
    parser["spacing"] = [2.0, 2.0, 4.0]
    parser["device"] = "cpu"
    return parser


@pytest.fixture(scope="module")
def parser() -> ConfigParser:
    return as_a_host_reads()


@pytest.fixture(scope="module")
def scan(tmp_path_factory: pytest.TempPathFactory) -> Path:
    head = make_head("LAS", yaw=4, voxel=(2.5, 2.5, 2.5), noise=0.02, lesion="left")
    path = tmp_path_factory.mktemp("scan") / "sub-01_T2w.nii.gz"
    nib.save(nib.Nifti1Image(1000 * head.image[0].numpy(), head.image.affine.numpy()), path)
    return path


def as_label_does(parser: ConfigParser, path: Path, **request: Any) -> dict[str, Any]:
    """Run the parts as MONAI Label's task for bundles does: options first, a network of its own, a chain of steps."""
    network = parser.get_parsed_content("network_def")
    network.load_state_dict(torch.load(ROOT / "models" / "model.pt", weights_only=True))
    options = {**parser.get_parsed_content("displayable_configs"), **request}
    parser["displayable_configs"].update(options)
    parser.parse()  # everything after this is built again
    data: dict[str, Any] = {"image": str(path), "image_path": str(path), "model": "x", **options}
    for transform in parser.get_parsed_content("preprocessing").transforms:
        if isinstance(transform, LoadImaged):
            transform._loader.image_only = False
        data = transform(data)
    with torch.no_grad():
        data["pred"] = parser.get_parsed_content("inferer")(data["image"][None], network.eval())[0]
    for transform in parser.get_parsed_content("postprocessing").transforms:
        data = transform(data)
    return data


@pytest.fixture(scope="module")
def served(parser: ConfigParser, scan: Path) -> dict[str, Any]:
    return as_label_does(parser, scan)


@pytest.mark.parametrize("name", ["skull_strip.pt", "synthetic/skull_strip.pt"])
def test_weights_of_another_kind_are_refused_by_name(scan: Path, name: str) -> None:
    with pytest.raises(ValueError, match=f"{name}: expected the weights of one of the backbones"):
        as_label_does(as_a_host_reads(), scan, model_filename=name)


def test_names_and_order() -> None:
    assert next(iter(FORMAT["inputs"])) == "image"
    assert next(iter(FORMAT["outputs"])) == "pred"
    assert FORMAT["outputs"]["pred"]["channel_def"] == channel_def()
    assert FORMAT["outputs"]["pred"]["type"] == "image"
    assert list(BANDS.values()) == sorted(BANDS.values())
    assert all(name == name.lower() and len(name) <= 64 for name in BANDS)


def test_the_name_of_the_folder_is_allowed() -> None:
    assert not [word for word in FORBIDDEN if word in NAME]


def test_no_key_that_breaks_a_host(parser: ConfigParser) -> None:
    content = (ROOT / "configs" / "inference.json").read_text()
    assert '"image_' not in content.replace('"image_classes"', "")
    assert "Spacingd" not in content
    assert isinstance(parser.get_parsed_content("preprocessing"), Compose)
    for part in ("preprocessing", "postprocessing"):
        transforms = parser.get_parsed_content(part).transforms
        assert all(isinstance(transform, MapTransform) for transform in transforms)
        names = [type(transform).__name__ for transform in transforms]
        assert not [name for name in names if "LoadImage" in name or "SaveImage" in name], "MONAI Deploy drops these"
    assert sorted((ROOT / "models").glob("*.pt"), key=lambda file: len(file.name))[0].name == "model.pt"


def test_one_tensor_in_and_one_out(parser: ConfigParser) -> None:
    pair = torch.rand(1, *[FORMAT["inputs"]["image"]["num_channels"]], 32, 64, 3)
    network = parser.get_parsed_content("network_def").eval()
    pred = parser.get_parsed_content("inferer")(inputs=pair, network=network, brain_mask=pair)
    assert isinstance(pred, torch.Tensor)
    assert pred.shape == pair.shape


def test_the_map_comes_as_bands_on_the_voxels_of_the_file(served: dict[str, Any], scan: Path) -> None:
    given = nib.load(scan)
    assert served["pred"].dtype == torch.uint8
    assert served["pred"].shape == (1, *given.shape)
    assert torch.allclose(served["pred"].affine, torch.as_tensor(given.affine), atol=1e-3)
    assert set(served["pred"].unique().tolist()) <= {int(number) for number in channel_def()}
    assert int(served["pred"].max()) > 0
    bands = to_bands(served["probability"].as_tensor(), 0.35)
    assert torch.equal(served["pred"].as_tensor(), without_specks(bands, given.header.get_zooms(), 30))


def plain(value: Any) -> bool:
    if isinstance(value, dict):
        return all(isinstance(key, str) and plain(item) for key, item in value.items())
    if isinstance(value, list):
        return all(plain(item) for item in value)
    return value is None or type(value) in (bool, int, float, str)


def test_the_result_is_plain_json(served: dict[str, Any]) -> None:
    result = served["result"]
    assert plain(result)
    assert json.loads(json.dumps(result, allow_nan=False)) == result
    assert {"score", "comparison", "findings", "side", "slices", "status", "reasons", "note"} <= set(result)
    assert result["side"] == "left"
    assert "not for clinical use" in result["note"]


def test_a_network_without_weights_does_not_change_the_threshold(served: dict[str, Any]) -> None:
    stored = torch.load(ROOT / "models" / "model.pt", weights_only=True)["threshold"]
    assert served["result"]["slice_threshold"] == pytest.approx(float(torch.sigmoid(stored)))


def test_options_change_their_part_of_the_result(parser: ConfigParser, scan: Path, served: dict[str, Any]) -> None:
    higher = as_label_does(parser, scan, map_threshold=0.75)
    assert higher["result"]["score"] == served["result"]["score"]
    assert set(higher["pred"].unique().tolist()) <= {0, 3, 4}
    indices = [slice_["index"] for slice_ in served["result"]["slices"]]
    low, high = indices[2], indices[len(indices) // 2]
    part = as_label_does(parser, scan, map_threshold=0.35, first_slice=low, last_slice=high)
    assert [slice_["index"] for slice_ in part["result"]["slices"]] == [k for k in indices if low <= k <= high]
    assert part["result"]["score"] <= served["result"]["score"] + 1e-6
    with pytest.raises(ValueError, match=r"slices 0 to 0 hold no brain.*Choose first_slice"):
        as_label_does(parser, scan, first_slice=0, last_slice=0)
    as_label_does(parser, scan, first_slice=0, last_slice=-1)


def test_an_image_that_the_host_has_read_gives_the_same(parser: ConfigParser, scan: Path, served: dict) -> None:
    volume = nib.load(scan)
    affine = torch.as_tensor(volume.affine)
    meta = {"original_channel_dim": "no_channel", "affine": affine, "space": "RAS", "original_affine": affine}
    data = {"image": MetaTensor(volume.get_fdata(dtype="float32"), affine=affine, meta=meta)}
    pair = parser.get_parsed_content("preprocessing")(data)["image"]
    assert torch.allclose(pair.as_tensor(), served["image"].as_tensor(), atol=1e-4)


def test_bands_keep_the_probabilities() -> None:
    chance = torch.tensor([[0.0, 0.2, 0.35, 0.6, 0.8, 0.95, 1.0]])
    data = Bandsd("pred", threshold=0.5)({"pred": MetaTensor(chance, affine=2 * torch.eye(4))})
    assert data["pred"].tolist() == [[0, 0, 0, 2, 3, 4, 4]]
    assert float(data["pred"].affine[0, 0]) == 2
    assert torch.equal(data["probability"].as_tensor(), chance)
    assert to_bands(chance).tolist() == [[0, 0, 1, 2, 3, 4, 4]]


@pytest.mark.parametrize("dimensions", [2, 3])
def test_specks_are_background_and_pieces_of_several_bands_are_one(dimensions: int) -> None:
    chance = torch.zeros(1, 12, 12, *[8] * (dimensions - 2))
    chance[0, 1:5, 1:3], chance[0, 1:5, 3:5], chance[0, 8, 8:10] = 0.4, 0.95, 0.95
    voxel, small = 2.0**dimensions, 3 if dimensions == 2 else 17
    data = Bandsd("pred", smallest_mm3=small * voxel)({"pred": MetaTensor(chance, affine=2 * torch.eye(4))})
    assert data["pred"][0, 1:5, 1:5].unique().tolist() == [1, 4] and not data["pred"][0, 6:].any()
    assert int(data["pred"].count_nonzero()) == 16 * 8 ** (dimensions - 2)
    assert data["pred"].dtype == torch.uint8


def test_slices_outside_the_range_are_ignored() -> None:
    pair, pred = torch.ones(2, 8, 8, 6), torch.zeros(2, 8, 8, 6)
    restricted = KeepSlicesd("pred", first=2, last=-2)({"image": pair, "pred": pred})
    assert (restricted["pred"][..., [0, 1, 5]] == OUTSIDE).all()
    assert (restricted["pred"][..., 2:5] == 0).all()
    assert restricted["image"].sum((0, 1, 2)).nonzero().flatten().tolist() == [2, 3, 4]
    assert KeepSlicesd("pred")({"image": pair, "pred": pred})["pred"] is pred
    assert KeepSlicesd("pred", first=3)({"image": pair[..., 0], "pred": pred[..., 0]})["pred"].ndim == 3
