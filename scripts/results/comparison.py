"""One answer about a scan: how many normal scans are as asymmetric, and a word for it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, TypedDict

import numpy as np

from .age import logit
from .p_value import PValue, combined, of_score, of_volumes
from .reference import NormativeReference, count_subjects, limitations, mismatch, normal_scores

TYPICAL, UNUSUAL, VERY_UNUSUAL, UNKNOWN = "typical", "unusual", "very unusual", "unknown"

WORDS: dict[str, float] = {VERY_UNUSUAL: 0.01, UNUSUAL: 0.05}
"""Word -> p value below which it is said, smallest first; else :data:`TYPICAL`."""

NOT_COMPARABLE = ("picture", "volume_small", "volume_large", "cut_off", "noise", "slice_jumps")
"""Warnings of the quality control with which a scan is not compared with normal ones: they look asymmetric, or less so,
for reasons that have nothing to do with asymmetry."""

SCORE, VOLUMES = "score", "volumes"
"""What a p value rests on."""


class Comparison(TypedDict):
    """A scan compared with the normal scans of a reference.

    Attributes:
        word: ``typical``, ``unusual`` (p < 5 %), ``very unusual`` (p < 1 %) or ``unknown``.
        p: the chance that a normal scan is as asymmetric or more; None if unknown.
        p_low: of its 95 % interval, which is wide for few normal scans.
        p_high: likewise.
        percentile: 100 (1 - p).
        rests_on: ``score`` or ``volumes``, whichever is more unusual; None if unknown.
        p_score: of the score alone.
        p_volumes: of the difference between the hemispheres' volumes alone; None if the reference has no volumes.
        reference: what the reference is, its ``kind``.
        scans: number of its scans.
        note: what limits the comparison, or why there is none.
    """

    word: str
    p: float | None
    p_low: float | None
    p_high: float | None
    percentile: float | None
    rests_on: str | None
    p_score: float | None
    p_volumes: float | None
    reference: str
    scans: int
    note: str


def compare(
    score: float,
    reference: NormativeReference | None,
    asymmetry_index: float | None = None,
    weights: str = "",
    settings: Mapping[str, Any] | None = None,
    age: float | None = None,
    warnings: Collection[str] = (),
) -> Comparison:
    """Compare a scan with a reference.

    Args:
        score: of the scan, a probability.
        reference: see :func:`.reference.read_reference`.
        asymmetry_index: of the hemispheres' volumes, (L - R) / (L + R); None: not compared.
        weights: SHA-256 of the network's weights. Scores of other weights cannot be compared.
        settings: of the preprocessing. Scores of other settings cannot be compared.
        age: at scan, in the unit of the reference; None if unknown.
        warnings: codes of the quality control.
    """
    scores = normal_scores(reference, age)
    why = mismatch(reference, weights, settings)
    broken = [code for code in NOT_COMPARABLE if code in warnings]
    if reference is None or why or broken:
        note = why or f"not comparable with normal scans: {', '.join(broken).replace('_', ' ')}"
        kind = "none" if reference is None else _kind(reference)
        return _answer(UNKNOWN, None, None, None, None, kind, len(scores), note)
    subjects, indices = count_subjects(reference), reference.get("asymmetry_indices")
    by_score = answer = of_score(float(logit([score])[0]), logit(scores).tolist(), subjects)
    by_volumes, rests_on = None, SCORE
    if asymmetry_index is not None and indices:
        by_volumes = of_volumes(asymmetry_index, indices, subjects)
        answer, decided = combined(by_score, by_volumes)
        rests_on = VOLUMES if decided else SCORE
    word = next((word for word, limit in WORDS.items() if answer.value < limit), TYPICAL)
    note = "; ".join(limitations(reference, age))
    return _answer(word, answer, rests_on, by_score, by_volumes, _kind(reference), len(scores), note)


def finding_p(probability: float, reference: NormativeReference | None) -> float | None:
    """Return the chance that a normal scan has a place as bright in its map as this one.

    Args:
        probability: the highest of the place.
        reference: that can be compared with; None: unknown.
    """
    if reference is None or not reference.get("peaks"):
        return None
    return _rounded(
        of_score(float(logit([probability])[0]), logit(reference["peaks"]).tolist(), count_subjects(reference)).value
    )


def _answer(
    word: str,
    p: PValue | None,
    rests_on: str | None,
    by_score: PValue | None,
    by_volumes: PValue | None,
    kind: str,
    scans: int,
    note: str,
) -> Comparison:
    return {
        "word": word,
        "p": p and _rounded(p.value),
        "p_low": p and _rounded(p.low),
        "p_high": p and _rounded(p.high),
        "percentile": p and round(100 * (1 - p.value), 1),
        "rests_on": rests_on,
        "p_score": by_score and _rounded(by_score.value),
        "p_volumes": by_volumes and _rounded(by_volumes.value),
        "reference": kind,
        "scans": scans,
        "note": note,
    }


def _kind(reference: NormativeReference) -> str:
    return reference.get("kind", "the user's controls")


def _rounded(p: float) -> float:
    """Round to three digits that count."""
    return float(np.format_float_positional(p, 3, unique=False, fractional=False))
