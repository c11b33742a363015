"""What the preprocessing costs: false positives and intensities, against a perfect mask and a perfect midline."""

from __future__ import annotations

import itertools
import json
from pathlib import Path
from typing import Any

import numpy as np

from scripts.disclaimer import RESEARCH_ONLY, SIMULATED
from scripts.evaluation.roc import Resampled, interval, share_above

from ...inference import inference_config, load_network
from .cases import measure_all

SEED = 2025
"""Of the heads; no network was trained on them or chosen by them."""

CONTRASTS = ("T1w", "T2w")
WAYS = {
    "learned": ("learned", False),
    "learned, given plane": ("learned", True),
    "given mask, detected plane": ("perfect", False),
    "perfect": ("perfect", True),
}
"""The ways from a scan to a pair: which brain mask, and whether the mid-sagittal plane is given."""


def measure(folder: Path, heads: int = 12, seed: int = SEED, at_once: int | None = None) -> dict[str, Any]:
    """Score normal synthetic heads with the shipped network, preprocessed as shipped and perfectly.

    Args:
        folder: of the heads and of what is measured.
        heads: subjects, each with a T1-like and a T2-like scan in poses of their own.
        seed: of the heads.
        at_once: processes at a time; 0 works in this process.

    Returns:
        JSON-safe: ``false_positive_rate`` of each way with 95 % intervals over subjects, ``ratio`` to the perfect way,
        what was ``refused``; and ``intensities``: by which share the standard deviation of the ``whole`` brain and of
        its ``inner`` part differs between the learned and the perfect mask.
    """
    from scripts.phantom.cohort import make_cohort

    datalist = make_cohort(folder / "heads", heads, seed)
    items = scans(datalist)
    rows = measure_all(_row, len(items), folder / "scans", (str(datalist),), at_once)
    scored = [row for row in rows if "refused" not in row]
    threshold = scored[0]["threshold"]
    shares = {name: _share(scored, name, threshold) for name in WAYS}
    return {
        "note": f"{SIMULATED} {RESEARCH_ONLY}",
        "seed": seed,
        "subjects": len({row["subject"] for row in scored}),
        "scans": len(scored),
        "refused": [row["refused"] for row in rows if "refused" in row],
        "false_positive_rate": {name: list(interval([share])) for name, share in shares.items()},
        "ratio": {name: _ratio(share, shares["perfect"]) for name, share in shares.items() if name != "perfect"},
        "intensities": intensities(scored),
    }


def scans(datalist: Path) -> list[dict[str, Any]]:
    """Return the items of a cohort with a plausible contrast."""
    content = json.loads(datalist.read_text())
    items = [item for split in ("training", "validation", "test") for item in content[split]]
    return [item for item in items if item["contrast"] in CONTRASTS]


def intensities(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Say by how much the unit of intensities differs between two masks; see :func:`measure`."""
    learned, perfect = (np.array([row["deviations"][mask] for row in rows]) for mask in ("learned", "perfect"))
    differs = np.abs(learned / perfect - 1)  # (scans, 2)
    return {
        name: {"median": float(np.median(column)), "largest": float(column.max())}
        for name, column in zip(("whole", "inner"), differs.T, strict=True)
    }


def _row(number: int, folder: Path, datalist: str) -> dict[str, Any]:
    """Scores of one scan's slices for every way, and the deviation of its intensities within both masks."""
    from monai.transforms import LoadImage

    from scripts.io.affine import voxel_size
    from scripts.preprocessing import preprocessing
    from scripts.preprocessing.intensity import inner_brain
    from scripts.skull_strip import SkullStrip, SkullStripd

    item = scans(Path(datalist))[number]
    path, mask_path = (str(Path(datalist).parent / item[key]) for key in ("image", "brain_mask"))
    load = LoadImage(ensure_channel_first=True)
    parser = inference_config({"device": "cpu"})
    spacing = parser["spacing"]
    oriented: dict[str, Any] = {"image": path}
    for step in itertools.takewhile(lambda step: not isinstance(step, SkullStripd), preprocessing().transforms):
        oriented = step(oriented)  # the scan in RAS order
    head = oriented["image"]
    try:
        masks = {"learned": SkullStrip()(head)[1], "perfect": mask_path}
        network = load_network(parser)
        scores = {}
        for name, (mask, given) in WAYS.items():
            plane = "plane" if given else None
            way = preprocessing(spacing=spacing, skull_strip="given", given_mask="mask", given_plane=plane)
            pair = way({"image": path, "mask": masks[mask], "plane": item["plane"]})["image"]
            scores[name] = _scores(network, pair)
    except ValueError as error:
        return {"refused": {"image": item["image"], "reason": str(error)}}
    perfect = load(mask_path)
    image = load(path)
    deviations = {}
    for name, (voxels, mask) in {"learned": (head, masks["learned"]), "perfect": (image, perfect)}.items():
        brain = mask[0].as_tensor() > 0
        inner = inner_brain(brain, voxel_size(voxels.affine).tolist())
        deviations[name] = [float(voxels[0].as_tensor()[part].std()) for part in (brain, inner)]
    return {
        "subject": item["subject"],
        "threshold": parser.get_parsed_content("weights").threshold,
        "scores": scores,
        "deviations": deviations,
    }


def _scores(network: Any, pair: Any) -> list[float]:
    """Scores of the slices that training and evaluation use."""
    import torch

    from scripts.network.score import slice_scores
    from scripts.preprocessing.slices import usable_slices

    image = pair.as_tensor().movedim(-1, 0)[usable_slices(pair.as_tensor())]
    with torch.no_grad():
        return [score for part in image.split(16) for score in slice_scores(network(part)).tolist()]


def _share(rows: list[dict[str, Any]], way: str, threshold: float) -> Resampled:
    _, subject = np.unique([row["subject"] for row in rows for _ in row["scores"][way]], return_inverse=True)
    return share_above(np.array([score for row in rows for score in row["scores"][way]]), subject, threshold)


def _ratio(share: Resampled, perfect: Resampled) -> list[float | None]:
    """The ratio and its interval; None where too few false positives of the perfect way leave it without bound."""
    with np.errstate(divide="ignore", invalid="ignore"):
        values = interval([share / perfect])
    return [float(value) if np.isfinite(value) else None for value in values]
