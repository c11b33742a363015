"""Test a zip as a user gets it: unpack it in an empty folder and run everything that a bundle must be able to run."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from .checks import SCHEMA

QUICK: dict[str, Any] = {
    "dataset_dir": "COHORT",
    "ckpt_dir": "OUT/trained",
    "output_dir": "OUT/eval",
    "spacing": [2.0, 2.0, 4.0],
    "hemisphere_size": [32, 64],
    "epochs": 1,
    "val_interval": 1,
    "scans_per_batch": 2,
    "val_slices": 2,
    "val_sizes": [7, 20],
    "sizes": [7, 20],
}
"""Settings with which training and evaluation take seconds."""

COHORT = "from scripts.phantom.cohort import make_cohort; make_cohort('COHORT', subjects=6, spacing=2.5)"
LOAD = """
from monai.bundle import load
network = load('NAME', bundle_dir='PARENT')
assert sum(p.numel() for p in network.parameters()) > 0
"""

TRIALS: dict[str, list[str]] = {
    "a cohort": ["-c", COHORT],
    "run training": ["run", "training", "--config_file", "BUNDLE/configs/train.json", "QUICK"],
    "run evaluating": [
        *("run", "evaluating", "--config_file", "['BUNDLE/configs/train.json','BUNDLE/configs/evaluate.json']", "QUICK")
    ],
    "run": [
        *("run", "--config_file", "BUNDLE/configs/inference.json", "--bundle_root", "BUNDLE"),
        *("--dataset_dir", "SCAN", "--output_dir", "OUT/predictions", "--spacing", "[2.0,2.0,4.0]"),
    ],
    "verify_metadata": ["verify_metadata", "--meta_file", "BUNDLE/configs/metadata.json", "--filepath", "SCHEMA"],
    "verify_net_in_out": [
        *("verify_net_in_out", "network_def", "--meta_file", "BUNDLE/configs/metadata.json"),
        *("--config_file", "BUNDLE/configs/inference.json"),
    ],
    "ckpt_export": [
        *("ckpt_export", "network_def", "--filepath", "OUT/model.ts", "--ckpt_file", "BUNDLE/models/model.pt"),
        *("--meta_file", "BUNDLE/configs/metadata.json", "--config_file", "BUNDLE/configs/inference.json"),
    ],
    "load": ["-c", LOAD],
}
"""Name of each trial -> arguments of ``python -m monai.bundle``, or of ``python`` if they begin with ``-c``."""


def try_out(archive: Path, name: str, hashes: str) -> list[str]:
    """Unpack a zip in an empty folder, and run every row of :data:`TRIALS` from another folder.

    Args:
        archive: the zip.
        name: of the bundle's folder in it.
        hashes: of its files, one line ``<sha256>  <path>`` for each.

    Returns:
        A line for each trial.

    Raises:
        ValueError: if a file differs from the packed one, or a trial fails; the message ends with its output.
    """
    with tempfile.TemporaryDirectory() as folder:
        parent, out = Path(folder) / "unpacked", Path(folder) / "elsewhere"
        out.mkdir()
        shutil.unpack_archive(archive, parent)
        for line in hashes.splitlines():
            digest, file = line.split("  ", 1)
            if hashlib.sha256((parent / file).read_bytes()).hexdigest() != digest:
                raise ValueError(f"{archive.name}: {file} differs from the packed file. Package it again.")
        bundle, cohort = parent / name, Path(folder) / "cohort"
        words = {"BUNDLE": bundle, "PARENT": parent, "NAME": name, "COHORT": cohort, "OUT": out, "SCHEMA": SCHEMA}
        lines = []
        for title, arguments in TRIALS.items():
            scan = next(iter(sorted(cohort.glob("sub-*/**/*.nii.gz"))), "")
            _run(title, arguments, {**words, "SCAN": scan}, out)
            lines.append(f"{title}: runs.")
        return lines


def _run(title: str, arguments: list[str], words: dict[str, Any], folder: Path) -> None:
    quick = [word for key, value in {"bundle_root": "BUNDLE", **QUICK}.items() for word in (f"--{key}", str(value))]
    filled = [word for argument in arguments for word in (quick if argument == "QUICK" else [argument])]
    for key, value in words.items():
        filled = [word.replace(key, str(value)) for word in filled]
    command = [sys.executable, *([] if filled[0] == "-c" else ["-m", "monai.bundle"]), *filled]
    # The bundle alone: neither the repository that it was packed from nor anything else on the path.
    environment = {**os.environ, "PYTHONPATH": str(words["BUNDLE"]), "CUDA_VISIBLE_DEVICES": ""}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise ValueError(f"'{title}' fails in the unpacked bundle:\n{done.stdout[-2000:]}\n{done.stderr[-4000:]}")
