"""How unusual a score is: its percentile among normal scans."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from .age import at_age

FEW = 20
"""A reference of fewer scans says so: its percentiles are coarse, and it has no threshold."""

EXCEEDED_BY = 0.05
"""Share of normal scans that lie above the threshold of a reference."""

SHIPPED = Path(__file__).parents[2] / "models" / "normative.json"
"""The reference of the bundle, made of synthetic heads; it may be missing."""

NONE_SHIPS = "no reference: make one with 'python -m bundle normative CONTROLS'"


def percentile(score: float, reference: list[float]) -> float:
    """Return the percentile of a score among normal ones, never 0 or 100.

    The rank of the score within the reference and itself, at the middle of its step: what the next normal scan would
    be if all ranks were as likely.

    Args:
        score: of the scan, a probability.
        reference: scores of normal scans.
    """
    values = np.asarray(reference, dtype=float)
    rank = float((values < score).sum() + 0.5 * (values == score).sum())
    return 100 * (rank + 0.5) / (len(values) + 1)


def scan_threshold(reference: list[float]) -> float | None:
    """Return the score that the next normal scan exceeds with a chance of ``EXCEEDED_BY``; None of fewer than ``FEW``.

    The quantile of rank (n + 1) · 95 %, interpolated (Weibull), which keeps that chance whatever the distribution of
    the scores; fewer scans would need one above their highest.

    Args:
        reference: scores of normal scans, probabilities.
    """
    return float(np.quantile(reference, 1 - EXCEEDED_BY, method="weibull")) if len(reference) >= FEW else None


def sha256(file: Path) -> str:
    """Return the sha256 of a file's content."""
    return hashlib.sha256(file.read_bytes()).hexdigest()


def read_reference(path: str | Path | None) -> dict[str, Any] | None:
    """Read a reference file, see ``bundle.normative``; None where no path is given, or that of the bundle is empty.

    Raises:
        FileNotFoundError: if there is no such file, but for the one that ships.
        ValueError: if it is no reference.
    """
    if not path or (not Path(path).exists() and Path(path).resolve() == SHIPPED.resolve()):
        return None
    if not Path(path).exists():
        raise FileNotFoundError(f"{path}: no such file. Make a reference with 'python -m bundle normative CONTROLS'.")
    content = json.loads(Path(path).read_text(encoding="utf-8"))
    if not isinstance(content.get("scores"), list) or len(content["scores"]) < 2:
        raise ValueError(f"{path}: expected a reference with two 'scores' or more, found {sorted(content)}.")
    return content


def normal_scores(reference: dict[str, Any] | None, age: float | None = None) -> list[float]:
    """Return the scores of a reference, moved to an age where both know one; none where there is no reference."""
    if reference is None:
        return []
    fit = reference.get("age")
    return reference["scores"] if fit is None or age is None else at_age(reference["scores"], fit, age)


def compare(
    score: float,
    reference: dict[str, Any] | None,
    weights: str = "",
    settings: Mapping[str, Any] | None = None,
    age: float | None = None,
) -> dict[str, Any]:
    """Place a score within a reference.

    Args:
        score: of the scan, a probability.
        reference: of :func:`read_reference`.
        age: at the scan, in the unit of the reference; None if it is not known.
        weights: sha256 of the network's weights; scores of other weights can't be compared.
        settings: of the preprocessing; nor can those of other settings.

    Returns:
        JSON-safe: ``scan_threshold`` (see :func:`scan_threshold`) and ``above_threshold``, both None where there is no
        reference that the score can be compared with, or it is too small; ``percentile`` with ``value`` (0 to 100, or
        None), ``reference`` (what it is of), ``scans`` and ``note``, which says why something is None.
    """
    scans = normal_scores(reference, age)
    kind = "none" if reference is None else reference.get("kind", "the user's controls")
    note = _no_match(reference, weights, settings)
    provenance = {"reference": kind, "scans": len(scans)}
    if note:
        return {
            "scan_threshold": None,
            "above_threshold": None,
            "percentile": {"value": None, **provenance, "note": note},
        }
    threshold = scan_threshold(scans)
    return {
        "scan_threshold": threshold,
        "above_threshold": None if threshold is None else score > threshold,
        "percentile": {
            "value": round(percentile(score, scans), 1),
            **provenance,
            "note": "; ".join(_notes(reference or {}, age)),
        },
    }


def _notes(reference: dict[str, Any], age: float | None) -> list[str]:
    """Say what makes a comparison less sure."""
    scans, fit = len(reference["scores"]), reference.get("age")
    notes = [f"fewer than {FEW} scans: a coarse percentile, and no threshold"] if scans < FEW else []
    if fit is not None and age is None:
        notes.append("the age at the scan is not known: among scans of all ages")
    if fit is not None and age is not None and not min(fit["ages"]) <= age <= max(fit["ages"]):
        notes.append(f"age {age:g} is beyond the reference's, {min(fit['ages']):g} to {max(fit['ages']):g}")
    return notes


def _no_match(reference: dict[str, Any] | None, weights: str, settings: Mapping[str, Any] | None) -> str:
    """Say why no score of these weights and settings can be compared with the reference; empty if it can."""
    if reference is None:
        return NONE_SHIPS
    if weights and reference.get("weights") not in (None, weights):
        return "the reference was made with other weights: make it again"
    made = reference.get("settings", {})
    other = [name for name, value in (settings or {}).items() if made.get(name, value) != value]
    return f"the reference was made with another {', '.join(other)}: make it again" if other else ""
