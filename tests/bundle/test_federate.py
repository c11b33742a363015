"""Two sites train one network with MONAI's federated client, and it is not worse than that of either site alone."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from bundle.federate import Site, average, federate
from scripts.phantom.cohort import make_cohort
from tests.conftest import TINY

SETTINGS = {**{k: v for k, v in TINY.items() if k not in ("epochs", "val_interval")}, "val_interval": 1000}
SETTINGS |= {
    "lesion_type": "painted",
    "contrast": [3.0, 4.0],
    "sizes": [15, 20],
    "val_sizes": [15, 20],
    "val_slices": 6,
}
ROUNDS, EPOCHS = 3, 24
NOISE = 0.03
"""Random variation of the AUC on 16 scans."""


def test_the_mean_weights_each_site_by_its_steps() -> None:
    first = {"w": np.zeros(2, np.float32), "n": np.array(3)}
    second = {"w": np.ones(2, np.float32), "n": np.array(5)}
    mean = average([first, second], [1, 3])
    assert mean["w"].tolist() == [0.75, 0.75] and mean["w"].dtype == np.float32
    assert mean["n"] == 3


def test_without_a_site_there_is_an_error() -> None:
    with pytest.raises(ValueError, match=r"No site\. Give a folder of scans for each"):
        federate()


@pytest.mark.slow
def test_the_shared_network_is_not_worse_than_either_site_alone(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    threads = torch.get_num_threads()
    request.addfinalizer(lambda: torch.set_num_threads(threads))
    torch.set_num_threads(1)  # sums of another number of threads round otherwise, and a training ends elsewhere
    sites = [tmp_path / "a", tmp_path / "b"]
    for seed, site in enumerate(sites):
        make_cohort(site, subjects=6, seed=seed, spacing=2.5)
    reached: dict[str, float] = {}
    runs = {"shared": sites, "a alone": sites[:1], "b alone": sites[1:]}
    settings: dict[str, Any] = dict(SETTINGS)
    for part, split in (("train", "training"), ("validate", "validation")):  # each pair is made once for all runs
        data = {"_target_": "scripts.data.datalist.dataset", "dataset_dir": "@dataset_dir", "split": split}
        kept = {"data": data, "transform": f"@{part}::preprocessing", "cache_dir": str(tmp_path / "pairs")}
        settings[f"{part}::dataset"] = {"_target_": "PersistentDataset", **kept}
    judge = Site(str(_held_out(tmp_path / "held_out")), tmp_path / "judge", 1, {**settings, "epochs": 1})
    for name, members in runs.items():
        output = tmp_path / f"{name}.pt"
        options: dict[str, Any] = {"rounds": ROUNDS, "epochs": EPOCHS, "output": str(output), **settings}
        report = federate(*map(str, members), **options)
        assert len(report["auc"]) == ROUNDS
        reached[name] = judge.evaluate({k: v.numpy() for k, v in torch.load(output, weights_only=True).items()})
    assert reached["shared"] >= max(reached["a alone"], reached["b alone"]) - NOISE


def _held_out(folder: Path) -> Path:
    """A datalist of heads of neither site, most of them for validation: a site has too few of its own."""
    datalist = make_cohort(folder, subjects=9, seed=8, spacing=2.5)
    content = json.loads(datalist.read_text())
    items = [item for split in ("training", "validation", "test") for item in content[split]]
    path = folder / "held_out.json"
    path.write_text(json.dumps({"training": items[:2], "validation": items[2:], "test": []}))
    return path
