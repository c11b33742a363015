"""The bundle as MONAI's runner, checks and exports see it."""

import json
import os
import subprocess
import sys

import onnxruntime
import pytest
import torch
from monai.bundle import ConfigParser, ConfigWorkflow, ckpt_export, onnx_export, verify_metadata, verify_net_in_out
from monai.transforms import Compose

from scripts.data.datalist import dataset
from tests.conftest import EVALUATE, INFERENCE, ROOT, TINY, TRAIN

METADATA = str(ROOT / "configs" / "metadata.json")
CONFIGS = {
    "train": (TRAIN, "train"),
    "train+evaluate": ([TRAIN, EVALUATE], "train"),
    "inference": (INFERENCE, "infer"),
}


def run_from(folder, *arguments):
    """Run ``python -m monai.bundle`` as a user elsewhere would."""
    command = [sys.executable, "-m", "monai.bundle", *map(str, arguments)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return done.stdout


def flags(**overrides):
    return [word for key, value in overrides.items() for word in (f"--{key}", value)]


@pytest.mark.parametrize(
    ("comparison", "weight"), [("local", 1), ("context", 1), ("single_hemisphere", 1), ("concatenation", 0)]
)
def test_the_keys_at_the_top_reach_the_training(comparison, weight):
    parser = ConfigParser()
    parser.read_config(TRAIN)
    parser.update({"comparison": comparison, "contrast_exponent": 3.0, "contrast": [0.7, 1.9]})
    assert parser.get_parsed_content("train::loss").pixel_weight == weight
    simulation, validation = (parser.get_parsed_content(f"{part}::simulation") for part in ("train", "validate"))
    assert (simulation.contrast_exponent, validation.contrast_exponent) == (3, 1), (
        "every training is validated on the same lesions"
    )
    assert simulation.contrast == validation.contrast == (0.7, 1.9)


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_flipped_scans_keep_their_hemispheres(share):
    parser = ConfigParser()
    parser.read_config(TRAIN)
    parser.update({"flip_ap_prob": share})
    image = torch.rand(3, 2, 4, 6)
    made = Compose(parser.get_parsed_content("train::augment"))({"image": image})["image"]
    assert type(made) is torch.Tensor, "metadata would slow down every step of the training"
    assert torch.equal(made, image.flip(3) if share else image), "front to back, never left to right"


@pytest.mark.parametrize("split", ["test", "validation", "training"])
def test_an_evaluation_uses_the_chosen_split(split, cohort):
    parser = ConfigParser()
    parser.read_config([TRAIN, EVALUATE])
    parser.update({"dataset_dir": str(cohort)} | ({} if split == "test" else {"split": split}))
    assert parser.get_parsed_content("validate::dataset::data") == dataset(str(cohort), split)


def test_fine_tuning_flips_half_of_the_scans():
    parser = ConfigParser()
    parser.read_config([TRAIN, str(ROOT / "configs" / "finetune.json")])
    flip, *_ = parser.get_parsed_content("train::augment")
    image = torch.rand(3, 2, 4, 6)
    flip.set_random_state(seed=0)
    flipped = sum(torch.equal(flip({"image": image})["image"], image.flip(3)) for _ in range(200))
    assert 70 < flipped < 130


@pytest.mark.parametrize("name", CONFIGS)
def test_check_properties_finds_nothing_wrong(name, cohort, tmp_path):
    config, workflow_type = CONFIGS[name]
    settings = {"bundle_root": str(ROOT), "dataset_dir": str(cohort), "ckpt_dir": str(tmp_path)}
    if workflow_type == "train":  # the datasets of the config, but without their cache
        settings |= {"train::dataset::cache_num": 0, "validate::dataset::cache_num": 0}
    made = ConfigWorkflow(config, workflow_type=workflow_type, logging_file=False, output_dir=str(tmp_path), **settings)
    made.initialize()
    assert not made.check_properties()


def test_metadata_is_valid_and_copied_byte_by_byte(tmp_path):
    schema = ROOT / "bundle" / "release" / "package" / "meta_schema_20240725.json"
    verify_metadata(meta_file=METADATA, filepath=str(schema))
    assert (ROOT / "metadata.json").read_bytes() == (ROOT / "configs" / "metadata.json").read_bytes()
    metadata = json.loads((ROOT / "metadata.json").read_text())
    assert metadata["version"] in metadata["changelog"]


def test_network_in_and_out():
    verify_net_in_out("network_def", meta_file=METADATA, config_file=INFERENCE)


@pytest.mark.parametrize("name", ["train.json", "inference.json"])
def test_exports(name, tmp_path):
    config = str(ROOT / "configs" / name)
    weights = tmp_path / "model.pt"
    parser = ConfigParser(json.loads((ROOT / "configs" / name).read_text()))
    network = parser.get_parsed_content("network_def")
    torch.save(network.state_dict(), weights)
    arguments = {"net_id": "network_def", "meta_file": METADATA, "config_file": config, "ckpt_file": str(weights)}
    ckpt_export(filepath=str(tmp_path / "model.ts"), **arguments)
    onnx_export(filepath=str(tmp_path / "model.onnx"), **arguments)
    assert (tmp_path / "model.onnx").stat().st_size > 0
    pair = torch.randn(1, 2, 96, 224)
    with torch.no_grad():
        expected = network.eval()(pair)
        assert torch.allclose(torch.jit.load(tmp_path / "model.ts")(pair), expected, atol=1e-4)
    session = onnxruntime.InferenceSession(tmp_path / "model.onnx", providers=["CPUExecutionProvider"])
    (pred,) = session.run(None, {session.get_inputs()[0].name: pair.numpy()})
    assert torch.allclose(torch.from_numpy(pred), expected, atol=1e-4)


@pytest.mark.slow
def test_everything_runs_from_another_working_directory(cohort, tmp_path):
    paths = {"dataset_dir": cohort, "ckpt_dir": tmp_path / "trained", "output_dir": tmp_path / "out"}
    tiny = {k: v for k, v in TINY.items() if k not in ("device", "amp")}
    tiny = {**tiny, "epochs": 1, **paths}
    out = run_from(tmp_path, "run", "training", *flags(config_file=TRAIN, **tiny))
    assert "val_auc" in out
    assert (tmp_path / "trained" / "model.pt").exists()
    assert list((tmp_path / "out").glob("events.out.tfevents*")), "TensorBoard's log"
    out = run_from(tmp_path, "run", "evaluating", *flags(config_file=f"['{TRAIN}','{EVALUATE}']", **tiny))
    assert "sensitivity" in out
    assert "not for clinical use" in out
    report = json.loads((tmp_path / "out" / "by_size.json").read_text())
    assert {row["lesion_type"] for row in report["rows"]} == {"physical", "painted", "zero"}
    assert all(0.5 <= row["known_location_accuracy"][0] <= 1 for row in report["rows"])
    for figure in ("by_size", "psychometric", "reliability", "gallery"):
        assert (tmp_path / "out" / f"{figure}.png").stat().st_size > 10_000
    rows = (tmp_path / "out" / "by_size.tsv").read_text().splitlines()
    assert len(rows) == 1 + len(report["rows"]) == 8


def test_two_workers_give_the_same_validation(workflow):
    results = []
    for workers in (0, 2):
        made = workflow([TRAIN, EVALUATE], num_workers=workers, **{"validate::handlers": []})
        made.run()
        results.append(made.parser.get_parsed_content("validate::evaluator").state.metrics["val_auc"])
    assert results[0] == results[1]


def test_no_forbidden_name():
    """MONAI Label cannot handle keys that begin with image_."""
    for config in (ROOT / "configs").glob("*.json"):
        keys = [] if config.name == "metadata.json" else _keys(json.loads(config.read_text()))
        assert not [key for key in keys if key.startswith("image_")], config


def _keys(node):
    if isinstance(node, dict):
        for key, value in node.items():
            yield key
            yield from _keys(value)
