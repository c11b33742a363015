"""Tables of the statistics of real newborns and of synthetic heads, side by side."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..markdown import MISSING, markdown_table

SHAPE = {
    "age_weeks": "age at the scan (weeks)",
    "width_mm": "cerebrum: width (mm)",
    "length_mm": "length (mm)",
    "height_mm": "height (mm)",
    "cortex_ml": "cortex (ml)",
    "white_ml": "white matter (ml)",
    "deep_ml": "deep grey matter (ml)",
    "ventricle_ml": "lateral ventricles (ml)",
    "hindbrain_ml": "cerebellum and brain stem (ml)",
    "fluid_ml": "other fluid (ml)",
    "thickness_mm": "cortex: volume by inner surface (mm)",
    "folding_ratio": "folding: inner surface by hull",
    "fold_spacing_mm": "distance of parallel folds (mm)",
    "sulcal_fluid_share": "fluid within the hull (share)",
    "layer.white.2-4_mm": "white matter 2 to 4 mm below the hull (share)",
    "layer.cortex.8-10_mm": "cortex 8 to 10 mm below it (share)",
}
CONTRAST = {
    f"{contrast}.{name}": f"{contrast}: {words}"
    for contrast in ("T1w", "T2w")
    for name, words in {
        "fluid": "fluid",
        "ventricle": "lateral ventricles",
        "cortex": "cortex",
        "deep": "deep grey matter",
        "hindbrain": "cerebellum and brain stem",
        "white_spread": "spread within white matter",
        "white_drift": "slow change within white matter",
        "noise": "noise",
        "grain": "grain",
        "edges": "steepest edges (per mm)",
    }.items()
}
SYMMETRY = {
    "asymmetry.cerebrum": "volume of the cerebrum: (left − right) / (left + right)",
    "asymmetry.ventricles": "the same of the lateral ventricles",
} | {
    f"{contrast}.mirrored.{blur}": f"{contrast}: mirrored correlation, {words}"
    for contrast in ("T1w", "T2w")
    for blur, words in {
        "0_mm": "no blur",
        "1_mm": "blur of 1 mm",
        "2_mm": "2 mm",
        "4_mm": "4 mm",
        "8_mm": "8 mm",
        "4_mm.mantle": "4 mm, outer 12 mm",
        "4_mm.core": "4 mm, core",
        "4_mm.hindbrain": "4 mm, cerebellum and brain stem",
        "4_mm.front": "4 mm, front third",
        "4_mm.middle": "4 mm, middle third",
        "4_mm.back": "4 mm, back third",
    }.items()
}
"""Name of a statistic -> its words in the table; see ``head_statistics``."""
KINDS = {"real": "real newborns", "synthetic": "synthetic heads"}


def side_by_side(result: dict[str, Any], rows: Mapping[str, str]) -> str:
    """Lay out mean ± standard deviation over subjects of both kinds, and the 95 % interval of the mean."""
    header = ["mean ± SD over heads (95 % interval of the mean)"]
    header += [f"{words} ({result[kind]['heads'] if kind in result else 0})" for kind, words in KINDS.items()]
    return markdown_table(
        header, ([words, *(_cell(result.get(kind), name) for kind in KINDS)] for name, words in rows.items())
    )


def _cell(kind: dict[str, Any] | None, name: str) -> str:
    values = kind["statistics"].get(name) if kind else None
    if not values or values[0] is None:
        return MISSING
    mean, deviation, low, high = values
    digits = 1 if abs(mean) >= 10 else 3
    if deviation is None:
        return f"{mean:.{digits}f}"
    return f"{mean:.{digits}f} ± {deviation:.{digits}f} ({low:.{digits}f} to {high:.{digits}f})"
