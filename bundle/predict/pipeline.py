"""The steps of ``configs/inference.json``, run on one scan at a time, with run time and errors of each stage."""

from __future__ import annotations

import logging
import time
import warnings
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple, TypedDict

import torch
from monai.data import MetaTensor
from monai.utils import set_determinism

from scripts.console.hidden_warnings import hide_warnings
from scripts.io.errors import ScanError
from scripts.quality.control import cause

from ..inference import inference_config, load_network
from .provenance import provenance

STAGES = {
    "CheckWeightsd": "load",
    "LoadScand": "load",
    "EnsureChannelFirstd": "load",
    "CheckScand": "load",
    "Orientationd": "load",
    "SkullStripd": "skull_strip",
    "CorrectBiasFieldd": "bias_field",
    "MeasureHeadd": "quality",
    "MeasureBraind": "quality",
    "MeasureHemispheresd": "quality",
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
"""Transform -> the stage that its run time belongs to."""

OTHER = "other"
"""The stage of any other transform, for example one that a user has added to the config."""

QUIET = ("pydicom", "nibabel.global")
"""Loggers whose tracebacks and hints would disturb; the reason of a scan says the same."""

CODES = {"load": "unreadable", "skull_strip": "no_brain", "midline": "no_midline"}
"""Stage -> the code of a ValueError that was raised there."""

Step = Callable[[dict[str, Any]], dict[str, Any]]


class ScanData(TypedDict, total=False):
    """What travels through the pipeline, as far as the scan came.

    All but ``image``, ``subject``, ``result`` and ``normal_scores`` are tensors.

    Attributes:
        image: first the path, then the scan, at the end the pair (2, H, W[, Z]), a MetaTensor with the affine of the
            right hemisphere. Channel 0 is the left hemisphere, mirrored at the midline; channel 1 is the right
            hemisphere as scanned.
        subject: of the scan, to look up its age.
        head: the scan as it was loaded (1, X, Y[, Z]), in RAS order.
        brain_mask: (1, X, Y[, Z]) uint8, on the voxels of the scan's file.
        evidence: evidence map of the pair (2, H, W[, Z]), logits.
        pred: at the end the map in bands (1, X, Y[, Z]) uint8, on the voxels of the scan's file.
        probability: the same map as probabilities.
        result: see :class:`scripts.results.summarise.AsymmetryResult`.
        normal_scores: scores of the reference that the scan was compared with; may be empty.
    """

    image: Any
    subject: str
    head: MetaTensor
    brain_mask: MetaTensor
    evidence: torch.Tensor
    pred: MetaTensor
    probability: MetaTensor
    result: Any
    normal_scores: list[float]


class Outcome(NamedTuple):
    """What the pipeline returns for a scan.

    Attributes:
        data: see :class:`ScanData`; incomplete if there is an error.
        seconds: stage -> its run time.
        error: why the scan failed; None if it did not.
    """

    data: dict[str, Any]
    seconds: dict[str, float]
    error: ScanError | None


class Pipeline:
    """Score one scan after the other with the transforms and the network of ``configs/inference.json``.

    Args:
        settings: keys of ``configs/inference.json`` with other values.

    Attributes:
        provenance: what all results depend on beside the scan.
        weights: file of the network's weights.

    Raises:
        ValueError: if there is no such key, or the weights do not fit the network.
        FileNotFoundError: if there are no weights.
    """

    def __init__(self, settings: Mapping[str, Any]) -> None:
        hide_warnings()
        for name in QUIET:
            logging.getLogger(name).setLevel(logging.CRITICAL)
        parser = inference_config(settings)
        set_determinism(parser.get_parsed_content("seed"))
        self.device = parser.get_parsed_content("device")
        self.weights = parser.get_parsed_content("weights").path
        self.network = load_network(parser)
        self.inferer = parser.get_parsed_content("inferer")
        self.before: Iterable[Step] = parser.get_parsed_content("preprocessing").transforms
        self.after: Iterable[Step] = parser.get_parsed_content("postprocessing").transforms
        self.amp = bool(parser.get_parsed_content("amp"))
        self.provenance = provenance(parser)

    def __call__(self, item: Mapping[str, Any]) -> Outcome:
        """Score a scan; an error is returned, not raised, so that a failed scan does not stop the batch.

        Args:
            item: with ``image``, a path; if ages are given, the ``subject`` to look up; and, of a folder with several
                studies, the ``study``.
        """
        data: dict[str, Any] = {key: item[key] for key in ("image", "subject", "study") if key in item}
        data.setdefault("subject", "")
        seconds: dict[str, float] = {}
        steps = [*_with_stages(self.before), ("network", self._infer), *_with_stages(self.after)]
        for stage, step in steps:
            start = time.perf_counter()
            try:
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")
                    data = step(data)
            except Exception as error:  # whatever it is, it must not stop the other scans
                return Outcome(data, seconds, _scan_error(stage, cause(error, data.get("image"))))
            finally:
                seconds[stage] = seconds.get(stage, 0.0) + time.perf_counter() - start
            if stage == "load" and hasattr(data["image"], "affine"):
                data["head"] = data["image"]
        return Outcome(data, seconds, None)

    @torch.no_grad()
    def _infer(self, data: dict[str, Any]) -> dict[str, Any]:
        pair = data["image"]
        with torch.autocast(self.device.type, enabled=self.amp):
            pred = self.inferer(pair.as_tensor()[None].to(self.device), self.network)[0]
        return {**data, "pred": type(pair)(pred.float().cpu()), "evidence": pred.float().cpu()}


def _with_stages(steps: Iterable[Step]) -> list[tuple[str, Step]]:
    return [(STAGES.get(type(step).__name__, OTHER), step) for step in steps]


def _scan_error(stage: str, error: Exception) -> ScanError:
    """Return any error as one with a code and a sentence."""
    if isinstance(error, ScanError):
        return error
    text = (str(error).strip().splitlines() or ["no message"])[0]
    if isinstance(error, FileNotFoundError):
        return ScanError("no_file", text)
    if isinstance(error, ValueError):
        return ScanError(CODES.get(stage, "internal"), text)
    return ScanError("out_of_memory" if isinstance(error, MemoryError) else "internal", f"{stage}: {text}")
