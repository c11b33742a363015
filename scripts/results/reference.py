"""The reference: scores, highest evidence and volumes of normal scans, which every scan is compared with."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypedDict

from .age import AgeFit, at_age

MIN_SCANS = 20
"""A reference of fewer scans gives no p value: it could hardly tell one scan in twenty."""

SHIPPED = Path(__file__).parents[2] / "models" / "normative.json"
"""The reference that comes with the bundle, of normal newborns. The file may be missing."""

NO_REFERENCE = "no reference: make one with 'python -m bundle normative CONTROLS'"

ADDED_SETTINGS = {"bias_field": "none"}
"""Settings that older references do not name, and the value that they were made with."""

POOLING = "five neighbouring slices"
"""How the scores of slices become that of a scan. Scores of references that were made in another way do not compare."""


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
        pooling: how the score of a scan was made, see :data:`POOLING`.
        scores: of the normal scans, probabilities.
        peaks: the highest probability in the map of each, for the p value of a finding.
        asymmetry_indices: of the volumes of the hemispheres of each.
        subjects: number of the subject of each scan.
        age: the effect of age on the scores, if ages were given.
        leave_one_out: case -> percentile of its score among those of other subjects.
        left_out: scans that failed or have no age.
    """

    note: str
    kind: str
    weights: str
    settings: dict[str, Any]
    pooling: str
    scores: list[float]
    peaks: list[float]
    asymmetry_indices: list[float]
    subjects: list[int]
    age: AgeFit
    leave_one_out: dict[str, float | None]
    left_out: list[OmittedScan]


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


def count_subjects(reference: NormativeReference) -> int:
    """Return the number of subjects; that of the scans if the reference does not say."""
    return len(set(reference.get("subjects", []))) or len(reference["scores"])


def limitations(reference: NormativeReference, age: float | None) -> list[str]:
    """Return what limits a comparison with a reference that matches."""
    fit = reference.get("age")
    notes = []
    if fit is not None and age is None:
        notes.append("the age at the scan is not known: among scans of all ages")
    if fit is not None and age is not None and not min(fit["ages"]) <= age <= max(fit["ages"]):
        notes.append(f"age {age:g} is beyond the reference's, {min(fit['ages']):g} to {max(fit['ages']):g}")
    return notes


def mismatch(reference: NormativeReference | None, weights: str, settings: Mapping[str, Any] | None) -> str:
    """Return why no scan of these weights and settings can be compared with the reference; empty if it can.

    Args:
        reference: see :func:`read_reference`.
        weights: SHA-256 of the network's weights; empty if unknown.
        settings: of the preprocessing.
    """
    if reference is None:
        return NO_REFERENCE
    if weights and reference.get("weights") not in (None, weights):
        return "the reference was made with other weights: make it again"
    if reference.get("weights") and reference.get("pooling") != POOLING:
        return "the reference was made by an older version: make it again"
    made = {**ADDED_SETTINGS, **reference.get("settings", {})}
    different = [name for name, value in (settings or {}).items() if made.get(name, value) != value]
    if different:
        return f"the reference was made with another {', '.join(different)}: make it again"
    scans = len(reference["scores"])
    return f"the reference has {scans} scans, expected {MIN_SCANS} or more" if scans < MIN_SCANS else ""
