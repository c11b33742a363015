"""What a network learns from: newborns, synthetic heads, or both, so that it does not forget other heads."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from scripts.data.scan import Scan
from scripts.phantom.cohort import make_cohort


class Material(NamedTuple):
    """What a network learns from.

    Attributes:
        newborns: whether it learns from the newborns of its fold, each with two masks.
        heads: number of synthetic heads, each with its true mask.
        epochs: of the training.
        lesion_type: those of the training, each as often as it is named.
        first: the training that comes before it, which all folds share: it sees no newborn.
    """

    newborns: bool
    heads: int
    epochs: int
    # Painted lesions are easily learnt, but not from physical ones alone.
    lesion_type: tuple[str, ...] = ("physical", "physical", "painted")
    first: Material | None = None


WITH_PATHOLOGIES = ("physical", "physical", "painted", "pathology", "pathology", "pathology")
"""Half of the slices get a drawn pathology."""

MATERIALS = {
    "pathologies": Material(
        newborns=True,
        heads=9,
        epochs=48,
        lesion_type=WITH_PATHOLOGIES,
        # Eighteen kinds in all their forms take long to learn. Every fold can share what needs no newborn.
        first=Material(newborns=False, heads=45, epochs=120, lesion_type=WITH_PATHOLOGIES),
    ),
    "both": Material(newborns=True, heads=9, epochs=24),
    "newborns": Material(newborns=True, heads=0, epochs=36),
    "heads": Material(newborns=False, heads=27, epochs=24),
}
"""Name -> material. With twelve newborns in four folds, all see about as many patches of each newborn: of
``pathologies``, half of the slices have one."""

LEARN_FROM = "both"
"""The material of the shipped weights."""

SEED, VALIDATION_SEED = 76, 77
"""Of the heads to learn from, and of the one to validate on. No other part of this bundle uses them."""


def training_heads(folder: Path, count: int) -> list[Scan]:
    """Return scans to learn from, T1 and T2 of each head, with their true brain masks.

    Args:
        folder: of the cross-validation.
        count: number of heads.
    """
    return _heads(folder / f"heads_{count}", count, SEED, "training") if count else []


def validation_heads(folder: Path) -> list[Scan]:
    """Return the scans of one head, with their true brain masks."""
    return _heads(folder / "validation_head", 1, VALIDATION_SEED, "validation")


def _heads(folder: Path, count: int, seed: int, split: str) -> list[Scan]:
    from scripts.data.datalist import scans

    heads = scans(str(make_cohort(folder, subjects=count, seed=seed, split=split)))
    name = f"synthetic-{split}"  # apart from those of other heads and of newborns
    return [{**head, "subject": f"{name}-{head['subject']}", "case": f"{name}-{head['case']}"} for head in heads]
