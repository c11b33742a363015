"""Part ``same_lesion``: the same lesion in the T1- and the T2-weighted scan of a newborn. Do they say the same?"""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from monai.data import MetaTensor
from monai.transforms import ResampleToMatch

from scripts.io.affine import voxel_size
from scripts.midline import AlignMidlined
from scripts.midline.plane import MidsagittalPlane
from scripts.network.score import SIDES, UNKNOWN

from . import estimate
from .ball import draw_ball, place_ball
from .by_size import Rows
from .dataset import CONTRASTS, Session
from .each_case import Measured, measure_each
from .scored import evidence, preprocessing_chain, score_pair, through

SIZES = (9.0, 13.5, 20.0)
"""Diameters, mm."""

CONTRAST = (1.0, 2.5)
"""Range of the contrast, in standard deviations of the brain's intensities."""

NEAR_MM = 5.0
"""Peaks of two maps within this distance are at the same place."""

MEANS = (
    "same_side",
    "same_side_if_above",
    "peaks_near",
    "peaks_near_if_above",
    *(f"side_correct_{contrast}" for contrast in CONTRASTS),
)
"""Measures of a lesion, of which the mean is given."""


def measure(sessions: list[Session], folder: Path, at_once: int | None = None) -> Measured:
    """Draw lesions into both scans of every session, one of each size on each side; see :func:`summary`."""
    return measure_each(_session, sessions, folder, at_once)


def summary(rows: Rows) -> dict[str, Any]:
    """Summarise what was measured.

    Returns:
        JSON-safe, by diameter: ``same_side``, the share of lesions for which both scans name the same side;
        ``peaks_near``, the share for which the peaks of both maps are within ``NEAR_MM``; the same of those where both
        scans are above the network's threshold; and the share with the correct side in each contrast.
    """
    runs = range(len(rows[0]["runs"]))
    out = {}
    for size in SIZES:
        chosen = [
            [(row["subject"], one) for row in rows for one in row["runs"][k] if one["size"] == size] for k in runs
        ]
        subjects = [subject for subject, _ in chosen[0]]
        means = {name: estimate.mean([[one[name] for _, one in run] for run in chosen], subjects) for name in MEANS}
        out[f"{size:g}"] = {"lesions": len(subjects), **means}
    return out


def _session(session: Session) -> dict[str, Any]:
    networks = session["networks"]
    runs: list[list[dict[str, Any]]] = [[] for _ in networks]
    for skull_strip in dict.fromkeys(network.skull_strip for network in networks):
        for size, side, strength, pairs in _with_lesions(session, skull_strip):
            for run, network in zip(runs, networks, strict=True):
                if network.skull_strip == skull_strip:
                    scores = [score_pair(pair, evidence(pair, network.model), *network) for pair in pairs]
                    run.append(_compare(size, side, strength, scores))
    return {"runs": runs}


def _with_lesions(session: Session, skull_strip: str) -> Iterator[tuple[float, str, float, list[MetaTensor]]]:
    """Yield size, side and contrast of each lesion of a session, and the pairs of both scans with it.

    Lesions are drawn into the brains as they were normalised, so that the contrast is in standard deviations; the
    search of the midline and everything after it sees them.
    """
    steps = preprocessing_chain(skull_strip).transforms
    end = next(k for k, step in enumerate(steps) if isinstance(step, AlignMidlined))
    brains = [through(steps[:end], {"image": scan["image"]}) for scan in session["scans"]]
    plane = MidsagittalPlane.from_mapping(steps[end](brains[0])["image"].meta["midline"])
    first, second = (data["brain_mask"] for data in brains)
    other: Any = ResampleToMatch(mode="nearest", padding_mode="zeros")(second.float(), first)
    both, affine = ((first.as_tensor() > 0) & (other.as_tensor() > 0))[0].numpy(), np.asarray(first.affine)
    for size, side in itertools.product(SIZES, SIDES):
        key = hashlib.sha256(f"{session['case']}|{size:g}|{side}".encode()).digest()
        rng = np.random.default_rng(int.from_bytes(key[:7], "big"))
        centre = place_ball(both, affine, voxel_size(affine), plane, side, size, rng)
        strength = float(rng.uniform(*CONTRAST)) * float(rng.choice([-1, 1]))
        # More water is darker on T1 and brighter on T2, blood the other way round.
        drawn = [
            {**data, "image": draw_ball(data["image"], centre, size, contrast)}
            for data, contrast in zip(brains, (-strength, strength), strict=True)
        ]
        yield size, side, strength, [through(steps[end:], data)["image"] for data in drawn]


def _compare(size: float, side: str, strength: float, scores: list[Any]) -> dict[str, Any]:
    """What two scans say of one lesion."""
    same = scores[0]["side"] == scores[1]["side"] != UNKNOWN
    distance = float(np.linalg.norm(np.subtract(scores[0]["peak"], scores[1]["peak"])))
    above = all(score["above"] for score in scores)
    return {
        "size": size,
        "side": side,
        "contrast": strength,
        "score": [score["score"] for score in scores],
        "same_side": same,
        "same_side_if_above": same if above else None,
        "peak_distance_mm": distance,
        "peaks_near": distance <= NEAR_MM,
        "peaks_near_if_above": distance <= NEAR_MM if above else None,
        **{f"side_correct_{name}": score["side"] == side for name, score in zip(CONTRASTS, scores, strict=True)},
    }
