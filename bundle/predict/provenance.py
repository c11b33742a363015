"""The provenance of a result: everything that it depends on beside the scan."""

from __future__ import annotations

import platform
from importlib.metadata import version
from pathlib import Path
from typing import Any, TypedDict

from monai.bundle import ConfigParser

from scripts.network.weights import Weights, sha256
from scripts.skull_strip.learned import WEIGHTS as SKULL_STRIP_WEIGHTS

SETTINGS = ("spacing", "skull_strip", "bias_field", "amp", "displayable_configs")
"""Keys of ``configs/inference.json`` that are part of the provenance."""


class Provenance(TypedDict, total=False):
    """What a result depends on beside the scan.

    Attributes:
        versions: of the bundle, Python, torch, MONAI and NumPy.
        device: that computed the result.
        seed: of all random numbers. Prediction draws none at present.
        sha256: file name -> SHA-256 of the weights, the reference of normal scans and the table of ages.
        settings: of the preprocessing and the map.
        fingerprint: hash of all of the above and the scan; ``--resume`` compares it.
        seconds: stage -> its run time, and the ``total``.
    """

    versions: dict[str, str]
    device: str
    seed: int
    sha256: dict[str, str]
    settings: dict[str, Any]
    fingerprint: str
    seconds: dict[str, float]


def provenance(parser: ConfigParser) -> Provenance:
    """Return the provenance that all results of a config share.

    Args:
        parser: see :func:`bundle.inference.inference_config`.
    """
    weights: Weights = parser.get_parsed_content("weights")
    files = [SKULL_STRIP_WEIGHTS] if parser.get_parsed_content("skull_strip") == "learned" else []
    tables = [parser.get_parsed_content(name) for name in ("normative", "ages")]
    files += [Path(table) for table in tables if table and Path(table).exists()]
    return {
        "versions": {
            "neonatal_brain_symmetry": parser["_meta_::version"],
            "python": platform.python_version(),
            **{name: version(name) for name in ("torch", "monai", "numpy")},
        },
        "device": str(parser.get_parsed_content("device")),
        "seed": parser.get_parsed_content("seed"),
        "sha256": {weights.path.name: weights.sha256, **{file.name: sha256(file) for file in files}},
        "settings": {name: parser.get_parsed_content(name) for name in SETTINGS},
    }
