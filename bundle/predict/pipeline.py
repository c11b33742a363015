"""The parts of ``configs/inference.json``, run on one scan at a time with a clock and a net under each."""

from __future__ import annotations

import logging
import platform
import time
import warnings
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

import torch
from monai.bundle import ConfigParser
from monai.utils import set_determinism

from scripts.io.errors import ScanError
from scripts.results.normative import sha256
from scripts.skull_strip.learned import WEIGHTS as LEARNED

from .. import ROOT

STAGES = {
    "LoadScand": "load",
    "EnsureChannelFirstd": "load",
    "CheckScand": "load",
    "Orientationd": "load",
    "SkullStripd": "skull_strip",
    "MeasureHeadd": "quality",
    "MeasureBraind": "quality",
    "QualityControld": "quality",
    "NormalizeBraind": "midline",
    "AlignMidlined": "midline",
    "SplitHemispheresd": "midline",
    "KeepSlicesd": "result",
    "AsymmetryResultd": "result",
    "Invertd": "map",
    "NativeMaskd": "map",
    "Bandsd": "map",
}
"""Transform -> the stage that its seconds count for."""

QUIET = ("pydicom", "nibabel.global", "monai.data.nvimgcodec_pydicom_plugin")
"""Loggers that print tracebacks and options nobody asked for; what they know stands in the reason of a scan."""

CODES = {"load": "unreadable", "skull_strip": "no_brain", "midline": "no_midline"}
"""Stage -> what an error without a code of its own means there."""

Outcome = tuple[dict[str, Any], dict[str, float], ScanError | None]


class Pipeline:
    """Score one scan after the other with the bundle's own parts.

    Args:
        settings: keys of ``configs/inference.json`` with other values.

    Attributes:
        provenance: versions, device, weights and settings: what a result depends on beside the scan.
        weights: file of the network's weights.

    Raises:
        ValueError: if there is no such key.
    """

    def __init__(self, settings: dict[str, Any]) -> None:
        for name in QUIET:
            logging.getLogger(name).setLevel(logging.CRITICAL)
        warnings.filterwarnings("ignore", message="NvImgCodecPydicomReader")
        parser = ConfigParser()
        parser.read_config(ROOT / "configs" / "inference.json")
        parser.read_meta(ROOT / "configs" / "metadata.json")
        parser["bundle_root"] = str(ROOT)
        unknown = sorted(set(settings) - set(parser.get()))
        if unknown:
            known = [key for key, value in parser.get().items() if not isinstance(value, dict | list)]
            raise ValueError(f"configs/inference.json has no key {', '.join(unknown)}. Choose of: {', '.join(known)}.")
        for key, value in settings.items():
            parser[key] = f"$torch.device('{value}')" if key == "device" else value
        seed = parser.get_parsed_content("seed")
        set_determinism(seed)
        self.device = parser.get_parsed_content("device")
        self.weights = weights = Path(parser.get_parsed_content("ckpt_path"))
        self.network = parser.get_parsed_content("network")
        self.network.load_state_dict(torch.load(weights, map_location=self.device, weights_only=True))
        self.network.eval()
        self.inferer = parser.get_parsed_content("inferer")
        self.before = parser.get_parsed_content("preprocessing").transforms
        self.after = parser.get_parsed_content("postprocessing").transforms
        self.amp = bool(parser.get_parsed_content("amp"))
        names = ("spacing", "skull_strip", "amp", "displayable_configs")
        files = [weights, *([LEARNED] if parser.get_parsed_content("skull_strip") == "learned" else [])]
        tables = [parser.get_parsed_content(name) for name in ("normative", "ages")]
        files += [Path(table) for table in tables if table and Path(table).exists()]
        self.provenance: dict[str, Any] = {
            "versions": {
                "neonatal_brain_symmetry": parser["_meta_::version"],
                "python": platform.python_version(),
                **{name: version(name) for name in ("torch", "monai", "numpy")},
            },
            "device": str(self.device),
            "seed": seed,
            "sha256": {file.name: sha256(file) for file in files},
            "settings": {name: parser.get_parsed_content(name) for name in names},
        }

    def __call__(self, item: dict[str, Any]) -> Outcome:
        """Score a scan.

        Args:
            item: with ``image``, a path, and, if ages are given, the ``subject`` to look up.

        Returns:
            The data with ``result``, ``pred`` and ``brain_mask``, as far as it came; seconds of each stage; the error,
            if there was one.
        """
        data: dict[str, Any] = {"image": item["image"], "subject": item.get("subject", "")}
        seconds: dict[str, float] = {}
        steps = [*self._named(self.before), ("network", self._infer), *self._named(self.after)]
        for stage, step in steps:
            start = time.perf_counter()
            try:
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")
                    data = step(data)
            except Exception as error:  # whatever it is, it must not stop the other scans
                return data, seconds, _refusal(stage, error)
            finally:
                seconds[stage] = seconds.get(stage, 0.0) + time.perf_counter() - start
            if stage == "load" and hasattr(data["image"], "affine"):
                data["head"] = data["image"]
        return data, seconds, None

    def _named(self, transforms: Any) -> list[tuple[str, Callable[[dict[str, Any]], dict[str, Any]]]]:
        return [(STAGES[type(transform).__name__], transform) for transform in transforms]

    @torch.no_grad()
    def _infer(self, data: dict[str, Any]) -> dict[str, Any]:
        pair = data["image"]
        with torch.autocast(self.device.type, enabled=self.amp):
            pred = self.inferer(pair.as_tensor()[None].to(self.device), self.network)[0]
        return {**data, "pred": type(pair)(pred.float().cpu()), "evidence": pred.float().cpu()}


def _refusal(stage: str, error: Exception) -> ScanError:
    if isinstance(error, ScanError):
        return error
    text = (str(error).strip().splitlines() or ["no message"])[0]
    if isinstance(error, FileNotFoundError):
        return ScanError("no_file", text)
    if isinstance(error, ValueError):
        return ScanError(CODES.get(stage, "internal"), text)
    return ScanError("out_of_memory" if isinstance(error, MemoryError) else "internal", f"{stage}: {text}")
