"""Does the preprocessing cost false alarms? Normal heads in any pose, against the same with perfect mask and plane."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import torch
from monai.bundle import ConfigParser

from scripts.atomic_write import write_text
from scripts.disclaimer import RESEARCH_ONLY, SIMULATED
from scripts.evaluation.roc import Resampled, interval, share_above
from scripts.network.score import slice_scores
from scripts.preprocessing.slices import usable_slices

from ... import ROOT
from ..pages import fill_pages, markdown_table

SEED = 2025  # of the heads; no network was trained or chosen on them
CONTRASTS = ("T1w", "T2w")
WAYS: dict[str, dict[str, Any]] = {
    "learned": {"skull_strip": "learned"},
    "learned, given plane": {"skull_strip": "learned", "given_plane": "plane"},
    "given mask, found plane": {"skull_strip": "given", "given_mask": "mask"},
    "perfect": {"skull_strip": "given", "given_mask": "mask", "given_plane": "plane"},
}
"""The ways from a scan to a pair, by their skull strip and plane: settings of ``configs/inference.json``."""


def benchmark_false_alarms(
    output_dir: str | Path = "docs", heads: int = 40, cohort_dir: str | Path = "datasets/false_alarms", seed: int = SEED
) -> Path:
    """Score normal synthetic heads with the shipped network, preprocessed as shipped and perfectly.

    Args:
        output_dir: where ``false_alarms.json`` is written.
        heads: subjects, each with a T1-like and a T2-like scan, both with a pose of their own.
        cohort_dir: where the heads are made, once.
        seed: of the heads.

    Returns:
        Path of the JSON file: shares of normal slices above the shipped threshold with 95 % intervals over subjects,
        their ratio, and what could not be preprocessed.
    """
    from tqdm import tqdm

    from scripts.phantom.cohort import make_cohort

    datalist = make_cohort(cohort_dir, heads, seed)
    content = json.loads(datalist.read_text())
    items = [item for split in ("training", "validation", "test") for item in content[split]]
    items = [item for item in items if item["contrast"] in CONTRASTS]
    rows, refused = [], []
    network, ways = _network(), {name: _way(settings) for name, settings in WAYS.items()}
    for item in tqdm(items, unit="scan"):
        scan = {
            "image": str(datalist.parent / item["image"]),
            "mask": str(datalist.parent / item["brain_mask"]),
            "plane": item["plane"],
        }
        try:
            scores = {name: _scores(network, way(dict(scan))["image"]) for name, way in ways.items()}
        except ValueError as error:
            refused.append({"image": item["image"], "reason": str(error)})
            continue
        rows.append({"subject": item["subject"], **scores})
    shares = {name: _share(rows, name, float(network.threshold)) for name in ways}
    ratios = {name: _ratio(share, shares["perfect"]) for name, share in shares.items() if name != "perfect"}
    report = {
        "note": f"{SIMULATED} {RESEARCH_ONLY}",
        "seed": seed,
        "subjects": len({row["subject"] for row in rows}),
        "scans": len(rows),
        "refused": refused,
        "false_positives": {name: list(interval([share])) for name, share in shares.items()},
        "ratio": ratios,
    }
    path = Path(output_dir) / "false_alarms.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    write_text(path, json.dumps(report, indent=1) + "\n")
    fill_pages([path.parent], "false_alarms", as_markdown(report))
    return path


def as_markdown(report: dict[str, Any]) -> str:
    """Lay the shares of false alarms out."""
    ratios = {name: _times(ratio) for name, ratio in report["ratio"].items()}
    rows = [[name, _percent(share), ratios.get(name, "1")] for name, share in report["false_positives"].items()]
    heads = f"{report['scans']} normal scans of {report['subjects']} synthetic subjects"
    return markdown_table([heads, "slices above the threshold (95 % interval over subjects)", "over perfect"], rows)


def _ratio(share: Resampled, perfect: Resampled) -> list[float | None]:
    """The ratio and its interval; None where too few perfect false alarms leave it without bound."""
    with np.errstate(divide="ignore", invalid="ignore"):
        found = interval([share / perfect])
    return [float(value) if np.isfinite(value) else None for value in found]


def _times(ratio: list[float | None]) -> str:
    value, low, high = ("–" if part is None else f"{part:.2f}" for part in ratio)
    return f"{value} ({low}–{high})"


def _percent(share: list[float]) -> str:
    value, low, high = (100 * part for part in share)
    return f"{value:.1f} % ({low:.1f}–{high:.1f})"


def _parser() -> ConfigParser:
    parser = ConfigParser()
    parser.read_config(ROOT / "configs" / "inference.json")
    parser["bundle_root"] = str(ROOT)
    return parser


def _network() -> Any:
    network = _parser().get_parsed_content("network_def")
    network.load_state_dict(torch.load(ROOT / "models" / "model.pt", map_location="cpu", weights_only=True))
    return network.eval()


def _way(settings: dict[str, Any]) -> Any:
    parser = _parser()
    for key, value in settings.items():
        parser[f"preprocessing#{key}"] = value
    return parser.get_parsed_content("preprocessing")


@torch.no_grad()
def _scores(network: Any, pair: torch.Tensor) -> list[float]:
    """Scores of the slices that training and evaluation use."""
    image = pair.as_tensor().movedim(-1, 0)[usable_slices(pair.as_tensor())]
    return [score for part in image.split(16) for score in slice_scores(network(part)).tolist()]


def _share(rows: list[dict[str, Any]], way: str, threshold: float) -> Resampled:
    _, subject = np.unique([row["subject"] for row in rows for _ in row[way]], return_inverse=True)
    return share_above(np.array([score for row in rows for score in row[way]]), subject, threshold)
