"""The statistics of newborn heads, real and synthetic: one function measures both."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from scripts.disclaimer import RESEARCH_ONLY

from ..cases import measure_all
from .contrast import contrasts, quality
from .labelled import LabelledHead, align
from .newborns import newborns, read_newborn
from .shape import folding, sizes, volume_asymmetry
from .summary import summary
from .symmetry import mirrored

FIRST_SEED = 800_000
"""Of the synthetic heads; no training and no other benchmark uses these."""


def measure(
    folder: Path,
    newborns_dir: str | None = None,
    heads: int = 12,
    first_seed: int = FIRST_SEED,
    asymmetry: str = "mid",
    age: float | None = None,
    at_once: int | None = 0,
) -> dict[str, Any]:
    """Measure synthetic heads and, where their folder is given, real newborns.

    Args:
        folder: of what is measured.
        newborns_dir: BIDS folder of newborns with label maps, see ``newborns``; None leaves them out.
        heads: number of synthetic heads.
        first_seed: of the synthetic heads.
        asymmetry: their level of natural asymmetry, a key of ``head.ASYMMETRY``.
        age: of the synthetic heads, weeks; drawn as in a cohort by default.
        at_once: processes at a time; 0 works in this process.

    Returns:
        JSON-safe: ``synthetic`` and, where measured, ``real``: ``heads`` and, for each statistic, its mean, its
        standard deviation over subjects, and both ends of the 95 % interval of the mean.
    """
    settings = (first_seed, asymmetry, age)
    rows = measure_all(_synthetic, heads, folder / "synthetic", settings, at_once)
    result = {"note": f"Statistics of heads. {RESEARCH_ONLY}", "synthetic": summary(rows)}
    if newborns_dir:
        names = newborns(newborns_dir)
        rows = measure_all(_real, len(names), folder / "real", (newborns_dir, names), at_once)
        result["real"] = summary(rows)
    return result


def statistics(head: LabelledHead) -> dict[str, float]:
    """Measure all statistics of one head, real or synthetic."""
    aligned = align(head)
    found = {} if head.age is None else {"age_weeks": head.age}
    found |= sizes(aligned) | folding(aligned) | volume_asymmetry(head)
    return found | contrasts(aligned) | quality(head) | mirrored(aligned)


def _synthetic(number: int, folder: Path, first_seed: int, asymmetry: str, age: float | None) -> dict[str, float]:
    from .synthetic import synthetic_head

    return statistics(synthetic_head(first_seed + number, asymmetry, age))


def _real(number: int, folder: Path, newborns_dir: str, names: list[str]) -> dict[str, float]:
    return statistics(read_newborn(newborns_dir, names[number]))
