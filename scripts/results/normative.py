"""How unusual a score is: its percentile among the scores of normal scans."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypedDict

import numpy as np

from .age import AgeFit, at_age

MIN_SCANS = 20
"""A reference of fewer scans has coarse percentiles and no threshold, and says so."""

EXCEEDED_BY = 0.05
"""Share of normal scans with a score above the threshold of a reference."""

SHIPPED = Path(__file__).parents[2] / "models" / "normative.json"
"""The reference that comes with the bundle, of normal newborns. The file may be missing."""

NO_REFERENCE = "no reference: make one with 'python -m bundle normative CONTROLS'"


ADDED_SETTINGS = {"bias_field": "none"}
"""Settings that older references do not name, and the value that they were made with."""


class ReferenceThreshold(TypedDict):
    """The threshold of a reference.

    Attributes:
        value: a score; None for fewer than ``MIN_SCANS`` scans.
        exceeded_by: share of normal scans with a higher score.
        scans: number of normal scans.
    """

    value: float | None
    exceeded_by: float
    scans: int


class OmittedScan(TypedDict):
    """A normal scan that is not part of the reference.

    Attributes:
        case: name of the scan.
        why: code of the reason.
    """

    case: str
    why: str


class NormativeReference(TypedDict, total=False):
    """The content of a reference file, see ``bundle.normative``. Only ``scores`` is required.

    Attributes:
        note: disclaimer.
        kind: name of the reference in every result, such as "24 scans of 12 newborns".
        weights: SHA-256 of the network's weights that scored the scans.
        settings: of the preprocessing.
        scan_threshold: of the reference.
        scores: of the normal scans, probabilities.
        age: the effect of age on the scores, if ages were given.
        leave_one_out: case -> percentile of its score among the other scans.
        left_out: scans that failed or have no age.
    """

    note: str
    kind: str
    weights: str
    settings: dict[str, Any]
    scan_threshold: ReferenceThreshold
    scores: list[float]
    age: AgeFit
    leave_one_out: dict[str, float]
    left_out: list[OmittedScan]


class Percentile(TypedDict):
    """The rank of a score among normal scans.

    Attributes:
        value: 0 to 100, never exactly; None if there is no reference that the score can be compared with.
        reference: what the reference is, its ``kind``.
        scans: number of its scans.
        note: what limits the comparison, or why there is none.
    """

    value: float | None
    reference: str
    scans: int
    note: str


class Comparison(TypedDict):
    """A score compared with a reference.

    Attributes:
        scan_threshold: see :func:`scan_threshold`; None without a reference, or if it has too few scans.
        above_threshold: whether the score is above it; None without a threshold.
        percentile: rank of the score.
    """

    scan_threshold: float | None
    above_threshold: bool | None
    percentile: Percentile


def percentile(score: float, reference: list[float]) -> float:
    """Return the percentile of a score among normal ones, never 0 or 100.

    It is the rank of the score within the reference and itself, at the middle of its step. This is the expected
    percentile of the next normal scan if all ranks are equally likely.

    Args:
        score: of the scan, a probability.
        reference: scores of normal scans.
    """
    values = np.asarray(reference, dtype=float)
    rank = float((values < score).sum() + 0.5 * (values == score).sum())
    return 100 * (rank + 0.5) / (len(values) + 1)


def scan_threshold(reference: list[float]) -> float | None:
    """Return the score that the next normal scan exceeds with probability ``EXCEEDED_BY``.

    It is the interpolated quantile of rank (n + 1) · 95 % (Weibull), which has this probability for any distribution of
    the scores.

    Args:
        reference: scores of normal scans, probabilities.

    Returns:
        None for fewer than ``MIN_SCANS`` scans, whose threshold would be above their highest score.
    """
    if len(reference) < MIN_SCANS:
        return None
    return float(np.quantile(reference, 1 - EXCEEDED_BY, method="weibull"))


def read_reference(path: str | Path | None) -> NormativeReference | None:
    """Read a reference file; None if no path is given, or if the bundle's own reference is missing.

    Raises:
        FileNotFoundError: if there is no such file.
        ValueError: if the file is no reference.
    """
    if not path or (not Path(path).exists() and Path(path).resolve() == SHIPPED.resolve()):
        return None
    if not Path(path).exists():
        raise FileNotFoundError(f"{path}: no such file. Make a reference with 'python -m bundle normative CONTROLS'.")
    content = json.loads(Path(path).read_text(encoding="utf-8"))
    if not isinstance(content.get("scores"), list) or len(content["scores"]) < 2:
        raise ValueError(
            f"{path}: expected a reference with two 'scores' or more, found {sorted(content)}. Make one with "
            "'python -m bundle normative CONTROLS'."
        )
    return content


def normal_scores(reference: NormativeReference | None, age: float | None = None) -> list[float]:
    """Return the scores of a reference, shifted to an age if both have ages; empty without a reference."""
    if reference is None:
        return []
    fit = reference.get("age")
    return reference["scores"] if fit is None or age is None else at_age(reference["scores"], fit, age)


def compare(
    score: float,
    reference: NormativeReference | None,
    weights: str = "",
    settings: Mapping[str, Any] | None = None,
    age: float | None = None,
) -> Comparison:
    """Compare a score with a reference.

    Args:
        score: of the scan, a probability.
        reference: see :func:`read_reference`.
        weights: SHA-256 of the network's weights. Scores of other weights cannot be compared.
        settings: of the preprocessing. Scores of other settings cannot be compared.
        age: at scan, in the unit of the reference; None if unknown.
    """
    scores = normal_scores(reference, age)
    kind = "none" if reference is None else reference.get("kind", "the user's controls")
    mismatch = _mismatch(reference, weights, settings)
    rank: Percentile = {"value": None, "reference": kind, "scans": len(scores), "note": mismatch}
    if mismatch:
        return {"scan_threshold": None, "above_threshold": None, "percentile": rank}
    threshold = scan_threshold(scores)
    rank["value"], rank["note"] = round(percentile(score, scores), 1), "; ".join(_limitations(reference or {}, age))
    return {
        "scan_threshold": threshold,
        "above_threshold": None if threshold is None else score > threshold,
        "percentile": rank,
    }


def _limitations(reference: NormativeReference, age: float | None) -> list[str]:
    """Return what limits a comparison."""
    scans, fit = len(reference["scores"]), reference.get("age")
    notes = [f"fewer than {MIN_SCANS} scans: a coarse percentile, and no threshold"] if scans < MIN_SCANS else []
    if fit is not None and age is None:
        notes.append("the age at the scan is not known: among scans of all ages")
    if fit is not None and age is not None and not min(fit["ages"]) <= age <= max(fit["ages"]):
        notes.append(f"age {age:g} is beyond the reference's, {min(fit['ages']):g} to {max(fit['ages']):g}")
    return notes


def _mismatch(reference: NormativeReference | None, weights: str, settings: Mapping[str, Any] | None) -> str:
    """Return why no score of these weights and settings can be compared with the reference; empty if it can."""
    if reference is None:
        return NO_REFERENCE
    if weights and reference.get("weights") not in (None, weights):
        return "the reference was made with other weights: make it again"
    made = {**ADDED_SETTINGS, **reference.get("settings", {})}
    different = [name for name, value in (settings or {}).items() if made.get(name, value) != value]
    return f"the reference was made with another {', '.join(different)}: make it again" if different else ""
