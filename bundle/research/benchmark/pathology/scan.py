"""A normal scan with a pathology drawn into it, scored as ``predict`` does."""

from __future__ import annotations

import zlib
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from monai.data import MetaTensor
from numpy.typing import NDArray

from scripts.midline.plane import MidsagittalPlane
from scripts.network.score import SIDES
from scripts.quality.hemispheres import hemisphere_measurements
from scripts.simulation.pathology.anatomy import Anatomy, find_anatomy
from scripts.simulation.pathology.draw import draw_pathology
from scripts.simulation.pathology.rows import PATHOLOGIES

from ..newborns.networks import Network
from ..newborns.scored import evidence, prepared, prepared_for, score_pair
from ..newborns.voxels import as_scan, read_scan
from . import BILATERAL, LEVELS

NORMAL = "normal"
"""Kind of the scan as it is."""

NEAR_MM = 5.0
"""A peak within this distance of a pathology, or inside it, is a hit."""


class Normal(NamedTuple):
    """A normal scan, ready to be drawn into.

    Attributes:
        scan: (1, X, Y, Z) in RAS order.
        mask: (X, Y, Z) bool, of the brain.
        plane: mid-sagittal.
        anatomy: of the head.
    """

    scan: MetaTensor
    mask: NDArray[np.bool_]
    plane: MidsagittalPlane
    anatomy: Anatomy


def score_kind(case: dict[str, Any]) -> dict[str, Any]:
    """Score a scan with a pathology of one kind at every level.

    Args:
        case: of :func:`..newborns.dataset.read_cases`, with ``scan``, its name; ``kind``; and ``levels``.

    Returns:
        ``kind`` and ``images``, each with ``level``, ``side``, ``severity``, ``volume_ml`` and ``runs``: for each
        network the score (a logit), the side, whether the peak is a hit, and the asymmetry index of the hemispheres'
        volumes, which no network makes.
    """
    networks = [Network(*network) for network in case["networks"]]
    if case["kind"] == NORMAL:
        return {"kind": NORMAL, "images": [{"level": NORMAL, "runs": _runs(case["image"], networks)}]}
    normal = read_normal(case["image"], networks[0].skull_strip)
    seed = zlib.crc32(f"{case['scan']}|{case['kind']}".encode())
    images = []
    for level in case["levels"]:
        severity = PATHOLOGIES[case["kind"]].severities[1 if level == BILATERAL else LEVELS.index(level)]
        side = "both" if level == BILATERAL else SIDES[seed % 2]
        affine = np.asarray(normal.scan.affine, dtype=float)
        drawn = draw_pathology(
            normal.scan[0].numpy(),
            affine,
            normal.mask,
            normal.plane,
            case["kind"],
            side,
            severity,
            seed=seed,
            anatomy=normal.anatomy,
        )
        image = as_scan(MetaTensor(drawn.image[None]), affine, case["image"])
        truth = np.argwhere(drawn.truth) @ affine[:3, :3].T + affine[:3, 3]
        images.append(
            {
                "level": level,
                "side": side,
                "severity": severity,
                "volume_ml": round(drawn.volume_ml, 3),
                "runs": _runs(image, networks, truth),
            }
        )
    return {"kind": case["kind"], "images": images}


@lru_cache(maxsize=1)
def read_normal(image: str, skull_strip: str) -> Normal:
    """Read a scan and find its brain, its midline and its anatomy, once for all that is drawn into it."""
    scan = read_scan(image)
    data = prepared(scan, skull_strip)
    plane = MidsagittalPlane.from_mapping(data["image"].meta["midline"])
    mask = np.asarray(data["brain_mask"][0]) > 0  # in RAS order, as the scan is
    affine = np.asarray(scan.affine, dtype=float)
    return Normal(scan, mask, plane, find_anatomy(scan[0].numpy(), affine, mask, plane))


def _runs(image: Any, networks: list[Network], truth: NDArray[np.float64] | None = None) -> list[dict[str, Any]]:
    """Score a scan by each network; ``truth`` are the places (N, 3) of a pathology, RAS mm."""
    runs = []
    for network, data in prepared_for(image, networks):
        pair = data["image"]
        score = score_pair(pair, evidence(pair, network.model), *network)
        volumes = hemisphere_measurements(pair.as_tensor(), pair.affine)
        kept: dict[str, Any] = {"score": score["score"], "side": score["side"], "slices": score["slices"]}
        kept["volume_index"] = round(volumes["asymmetry_index"], 5)
        if truth is not None:
            distance = float(np.linalg.norm(truth - np.asarray(score["peak"]), axis=1).min())
            kept |= {"distance_mm": round(distance, 2), "hit": distance <= NEAR_MM}
        runs.append(kept)
    return runs
