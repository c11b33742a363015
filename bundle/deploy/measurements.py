"""The numbers of a result that a structured report holds, with private codes and units."""

from __future__ import annotations

from typing import Any

import numpy as np

MEASURES: dict[str, tuple[str, str]] = {
    "P": ("Share of normal scans that are as asymmetric or more", "1"),
    "PERCENTILE": ("Percentile of the asymmetry among normal scans", "%"),
    "SCORE": ("Asymmetry score of the scan, a probability", "1"),
    "HIGHEST": ("Highest asymmetry score of a slice, a probability", "1"),
    "THRESHOLD": ("Score above which a slice stands out, a probability", "1"),
    "LEFT": ("Volume of the left hemisphere", "ml"),
    "RIGHT": ("Volume of the right hemisphere", "ml"),
    "INDEX": ("Asymmetry index of the volumes, (L - R) / (L + R)", "1"),
    "NORMAL": ("Number of normal scans in the reference", "1"),
}
"""Private code -> its meaning, and the unit in UCUM."""

OF_PLACES: dict[str, tuple[str, str]] = {
    "VOLUME": ("Volume of the place", "mm3"),
    "PROBABILITY": ("Highest probability of an asymmetry in the place", "1"),
    "PLACE_P": ("Share of normal scans that have such a place", "1"),
}
"""The same of a place that stands out."""


def values(result: dict[str, Any]) -> dict[str, float]:
    """Return the values of :data:`MEASURES` that a result has."""
    comparison, volumes = result.get("comparison") or {}, result.get("volumes") or {}
    return _known(
        {
            "P": comparison.get("p"),
            "PERCENTILE": comparison.get("percentile"),
            "SCORE": result["score"],
            "HIGHEST": max((slice_["score"] for slice_ in result["slices"]), default=None),
            "THRESHOLD": result.get("slice_threshold"),
            "LEFT": volumes.get("left_ml"),
            "RIGHT": volumes.get("right_ml"),
            "INDEX": volumes.get("asymmetry_index"),
            "NORMAL": comparison.get("scans"),
        }
    )


def of_place(finding: dict[str, Any]) -> dict[str, float]:
    """Return the values of :data:`OF_PLACES` that a finding has."""
    return _known(
        {
            "VOLUME": finding.get("volume_mm3"),
            "PROBABILITY": finding.get("highest_probability"),
            "PLACE_P": finding.get("p"),
        }
    )


def centre_lps(finding: dict[str, Any]) -> np.ndarray:
    """Return the centre of a finding in the coordinates of DICOM, LPS mm (1, 3)."""
    return np.array([finding["centre_ras_mm"]], dtype=float) * [-1.0, -1.0, 1.0]


def _known(found: dict[str, Any]) -> dict[str, float]:
    return {name: float(value) for name, value in found.items() if value is not None}
