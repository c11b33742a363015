"""What ``predict`` would answer of every scan, with a reference of the normal scans of the other subjects."""

from __future__ import annotations

from typing import Any

import numpy as np

from scripts.network.score import SIDES

from ..newborns.by_size import Rows
from ..newborns.p_values import Scan, answer
from .scan import NORMAL

THREE = 3
"""Slices of another way to score a scan: the mean of its three highest."""


def answered(rows: Rows) -> Rows:
    """Add the answer to every run of every image.

    Args:
        rows: what :func:`.scan.score_kind` returned for every scan and kind.

    Returns:
        The same rows; each run has ``rarity``, -log10 of the p value (None for too few normal scans); ``three_slices``,
        the mean of its three highest slices; and ``side``, that of the larger hemisphere if the volumes decided.
    """
    normal = [row for row in rows if row["kind"] == NORMAL]
    runs = range(len(rows[0]["images"][0]["runs"]) if rows else 0)
    reference = [[_scan(row["subject"], row["images"][0]["runs"][k]) for row in normal] for k in runs]
    return [
        {
            **row,
            "images": [
                {
                    **image,
                    "runs": [
                        _answered(run, row["subject"], of_run)
                        for run, of_run in zip(image["runs"], reference, strict=True)
                    ],
                }
                for image in row["images"]
            ],
        }
        for row in rows
    ]


def _answered(run: dict[str, Any], subject: str, normal: list[Scan]) -> dict[str, Any]:
    found = answer(_scan(subject, run), normal)
    side = SIDES[int(run["volume_index"] < 0)] if found and found[1] else run.get("side")
    rarity = None if found is None else float(-np.log10(max(found[0].value, 1e-300)))
    return {**run, "rarity": rarity, "side": side, "three_slices": float(np.mean(sorted(run["slices"])[-THREE:]))}


def _scan(subject: str, run: dict[str, Any]) -> Scan:
    return Scan(subject, run["score"], run["volume_index"])


def p_values_of_normal(rows: Rows) -> list[list[float | None]]:
    """Return the p value of each normal scan and run.

    Args:
        rows: of :func:`answered`.
    """
    normal = [row["images"][0]["runs"] for row in rows if row["kind"] == NORMAL]
    return [[None if run["rarity"] is None else float(10.0 ** -run["rarity"]) for run in runs] for runs in normal]
