"""Score a scan as ``predict`` does, with any networks: those of the same skull strip share the preprocessing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from typing import Any, NamedTuple, TypedDict

import torch
from monai.bundle import ConfigParser
from monai.data import MetaTensor
from monai.transforms import Compose, Invertd
from torch import Tensor, nn

from scripts.network.score import scan_score, slice_scores
from scripts.preprocessing.slices import usable_slices
from scripts.quality.control import cause
from scripts.quality.hemispheres import hemisphere_measurements
from scripts.results.comparison import UNUSUAL, WORDS, compare
from scripts.results.geometry import peak_in_scanner
from scripts.results.native_space import NativeMaskd
from scripts.results.reference import SHIPPED, read_reference
from scripts.results.summarise import summarise

from ....inference import inference_config, load_network
from .networks import Network

SETTINGS: dict[str, Any] = {}
"""Keys of ``configs/inference.json`` with other values. Nothing but a quick test changes them."""


class Score(TypedDict):
    """What ``predict`` says of a scan.

    Attributes:
        score: of the scan, a logit.
        threshold: of the network, a slice score (logit).
        above: whether the score is above it.
        unusual: whether it is, compared with the shipped reference; None if that was made with other weights or
            settings.
        highest: evidence in the map, a logit.
        asymmetry_index: of the hemispheres' volumes.
        side: ``left``, ``right`` or ``unknown``.
        peak: of the map, RAS mm.
        slices: scores of the usable slices, logits.
    """

    score: float
    threshold: float
    above: bool
    unusual: bool | None
    highest: float
    asymmetry_index: float
    side: str
    peak: list[float]
    slices: list[float]


class Loaded(NamedTuple):
    """A network with what its config says."""

    parser: ConfigParser
    network: nn.Module
    threshold: float
    sha256: str


@lru_cache(maxsize=4)
def preprocessing_chain(skull_strip: str, **settings: Any) -> Compose:
    """Return the preprocessing of ``predict`` with a skull strip and other settings, made once in a process."""
    return inference_config({**SETTINGS, "skull_strip": skull_strip, **settings}).get_parsed_content("preprocessing")


@lru_cache(maxsize=8)
def loaded(model: str) -> Loaded:
    """Return a network of ``predict``, read once in a process."""
    parser = inference_config({**SETTINGS, "ckpt_path": model})
    weights = parser.get_parsed_content("weights")
    return Loaded(parser, load_network(parser), weights.threshold, weights.sha256)


def prepared(image: Any, skull_strip: str, **settings: Any) -> dict[str, Any]:
    """Preprocess a scan.

    Args:
        image: a path, or the scan (1, X, Y, Z) with its affine.
        skull_strip: a method, or a file of weights.
        settings: other keys of ``configs/inference.json``.

    Returns:
        ``image``, the pair (2, H, W, Z), and ``brain_mask`` (1, X, Y, Z) in RAS order.

    Raises:
        ValueError: for the first cause, if the scan can't be scored.
    """
    return through(preprocessing_chain(skull_strip, **settings).transforms, {"image": image})


def prepared_for(image: Any, networks: Iterable[Network], **settings: Any) -> Iterator[tuple[Network, dict[str, Any]]]:
    """Yield each network with the preprocessed scan, see :func:`prepared`; networks of one skull strip share it."""
    made: dict[str, dict[str, Any]] = {}
    for network in networks:
        if network.skull_strip not in made:
            made[network.skull_strip] = prepared(image, network.skull_strip, **settings)
        yield network, made[network.skull_strip]


def through(steps: Any, data: dict[str, Any]) -> dict[str, Any]:
    """Pass data through steps; an error names the cause, as that of ``predict`` does."""
    step: Callable[[dict[str, Any]], dict[str, Any]]
    for step in steps:
        try:
            data = step(data)
        except Exception as error:
            raise cause(error, data.get("image")) from error
    return data


@torch.no_grad()
def evidence(pair: Tensor, model: str) -> Tensor:
    """Return the evidence map (2, H, W, Z), logits, of a pair (2, H, W, Z)."""
    parser, network, *_ = loaded(model)
    device, amp, inferer = (parser.get_parsed_content(key) for key in ("device", "amp", "inferer"))
    plain = torch.as_tensor(pair.as_tensor() if isinstance(pair, MetaTensor) else pair)
    with torch.autocast(device.type, enabled=bool(amp)):
        return inferer(plain[None].to(device), network)[0].float().cpu()


def score_pair(pair: MetaTensor, pred: Tensor, model: str, skull_strip: str) -> Score:
    """Summarise an evidence map as ``predict`` does.

    Args:
        pair: (2, H, W, Z) with the affine of its right hemisphere.
        pred: its evidence map.
        model: file of the weights.
        skull_strip: of the preprocessing; the reference must have the same.
    """
    parser, _, threshold, sha256 = loaded(model)
    plain = pair.as_tensor()
    slices = slice_scores(pred.movedim(-1, 0))[usable_slices(plain)]
    score, result = scan_score(slices), summarise(pred, plain, threshold)
    settings = {"spacing": parser["spacing"], "skull_strip": skull_strip}
    index = hemisphere_measurements(plain, pair.affine)["asymmetry_index"]
    p = compare(float(result["score"] or 0), read_reference(SHIPPED), index, sha256, settings)["p"]
    return {
        "score": score,
        "threshold": threshold,
        "above": score > threshold,
        "unusual": None if p is None else p < WORDS[UNUSUAL],
        "highest": float(pred[..., usable_slices(plain)].max()),
        "asymmetry_index": round(index, 5),
        "side": result["side"],
        "peak": peak_in_scanner(result, torch.as_tensor(pair.affine, dtype=torch.float64)),
        "slices": [round(value, 4) for value in slices.tolist()],
    }


def score_scan(image: Any, networks: Iterable[Network]) -> list[Score]:
    """Preprocess a scan, see :func:`prepared`, and score it by each of its networks."""
    return [
        score_pair(data["image"], evidence(data["image"], network.model), *network)
        for network, data in prepared_for(image, networks)
    ]


def on_scan_grid(data: dict[str, Any], pred: Tensor, skull_strip: str) -> tuple[MetaTensor, MetaTensor]:
    """Bring a map and the brain mask to the voxels of the scan's file, as ``predict`` does.

    Args:
        data: what :func:`prepared` returned.
        pred: evidence map (2, H, W, Z), logits.
        skull_strip: of the preprocessing.

    Returns:
        The map as probabilities, and the mask, both (1, X, Y, Z).
    """
    chain = preprocessing_chain(skull_strip)
    back = Invertd(keys="pred", transform=chain, orig_keys="image", nearest_interp=False, to_tensor=True)
    mask = data["brain_mask"].clone()  # its record of transforms is used up, and other networks need it
    given: dict[Any, Any] = {**data, "brain_mask": mask, "pred": MetaTensor(torch.sigmoid(pred))}
    d: dict[Any, Any] = dict(back(given))
    return d["pred"], NativeMaskd("brain_mask", transform=chain)(d)["brain_mask"]
