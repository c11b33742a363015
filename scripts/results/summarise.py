"""The result of a scan as plain JSON: scores, side and peak of its evidence map."""

from __future__ import annotations

from typing import Any, TypedDict

import torch
from torch import Tensor

from ..disclaimer import RESEARCH_ONLY
from ..network.score import SIDES, UNKNOWN, highest_slices, scan_score, slice_scores
from ..preprocessing.slices import usable_slices
from .comparison import Comparison
from .findings import Finding
from .peak_region import Point

SIDE_MARGIN = 0.1
"""A side is named if the scores of the hemispheres (logits) differ by at least this much. The noise of a symmetric head
is below."""


class SliceScore(TypedDict, total=False):
    """The score of one slice.

    Attributes:
        index: of the slice in the aligned head, from inferior to superior.
        score: a probability.
        centre_ras_mm: centre of the slice, on the midline; None if the side is unknown.
    """

    index: int
    score: float
    centre_ras_mm: Point | None


class Volumes(TypedDict):
    """Volumes of the hemispheres.

    Attributes:
        left_ml: of the left hemisphere; None if the side is unknown, or of a single picture.
        right_ml: of the right hemisphere, likewise.
        asymmetry_index: (L - R) / (L + R); None if the side is unknown.
        absolute_asymmetry_index: the same without its sign.
    """

    left_ml: float | None
    right_ml: float | None
    asymmetry_index: float | None
    absolute_asymmetry_index: float


class Reason(TypedDict):
    """A flag of the quality control, or the reason why a scan failed.

    Attributes:
        code: one word, which stays the same over versions; ``docs/output.md`` lists all.
        status: ``warning`` or ``failed``.
        message: a sentence for the user.
    """

    code: str
    status: str
    message: str


class AsymmetryResult(TypedDict, total=False):
    """The result of a scan, with the published keys of ``docs/asymmetry.schema.json``.

    Attributes:
        schema_version: version of the schema.
        score: of the scan, a probability: the highest mean of five neighbouring slices. None if the scan failed.
        comparison: the answer: how many normal scans are as asymmetric, and a word for it.
        side: of the asymmetry, ``left``, ``right`` or ``unknown``; that of the larger hemisphere if the comparison
            rests on the volumes.
        findings: the places that stand out in the map, the most striking first.
        slices: the score of every slice with enough brain.
        slice_threshold: slice score above which a slice counts as asymmetric, a probability.
        highest_probability: in the map.
        peak_voxel: the peak in the pair: channel, H, W, Z.
        peak_ras_mm: the peak in the scanner; None if the side is unknown.
        midline: the mid-sagittal plane (yaw, roll, offset, similarity, standard errors, point and normal).
        volumes: of the hemispheres.
        facts: what quality control measured, by name.
        reasons: flags of the quality control, or why the scan failed.
        status: ``ok``, ``warning`` or ``failed``.
        note: disclaimer.
    """

    schema_version: str
    score: float | None
    comparison: Comparison
    side: str
    findings: list[Finding]
    slices: list[SliceScore]
    slice_threshold: float
    highest_probability: float
    peak_voxel: list[int]
    peak_ras_mm: Point | None
    midline: dict[str, Any]
    volumes: Volumes
    facts: dict[str, Any]
    reasons: list[Reason]
    status: str
    note: str


def summarise(pred: Tensor, pair: Tensor, threshold: float = 0.0) -> AsymmetryResult:
    """Summarise the evidence map of a scan.

    Args:
        pred: evidence map (2, H, W, Z), logits.
        pair: the pair (2, H, W, Z) that it belongs to; channel 0 is the patient's left hemisphere.
        threshold: slice score (a logit) above which a slice counts as asymmetric.

    Returns:
        ``score``, ``slice_threshold``, ``side``, ``slices``, ``highest_probability``, ``peak_voxel`` and ``note``. All
        scores are probabilities. The side is ``unknown`` if the evidence of both hemispheres is about the same. The
        peak is that of this side in the slices that the score comes from.
    """
    scores = slice_scores(pred.movedim(-1, 0))  # (Z,)
    usable = usable_slices(pair)
    highest = usable[highest_slices(scores[usable])]
    left, right = (float(slice_scores(pred[c : c + 1].movedim(-1, 0))[highest].mean()) for c in (0, 1))
    channel = int(right > left)
    side = UNKNOWN if abs(left - right) < SIDE_MARGIN else SIDES[channel]
    evidence = pred[channel][..., highest]
    peak = torch.tensor(int(evidence.argmax()))
    row, column, index = (int(i) for i in torch.unravel_index(peak, evidence.shape))
    probability = torch.sigmoid(scores).tolist()
    return {
        "score": float(torch.sigmoid(torch.tensor(scan_score(scores[usable])))),
        "slice_threshold": float(torch.sigmoid(torch.tensor(threshold))),
        "side": side,
        "slices": [{"index": int(z), "score": probability[int(z)]} for z in usable],
        "highest_probability": float(torch.sigmoid(pred[..., usable].max())),
        "peak_voxel": [channel, row, column, int(highest[index])],
        "note": RESEARCH_ONLY,
    }
