"""Splits by subject: no subject is in two of training, validation and test."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from monai.data import partition_dataset

SPLITS: tuple[str, ...] = ("training", "validation", "test")

Item = TypeVar("Item", bound=Mapping[str, Any])


def split_by_subject(items: Sequence[Item], ratios: Sequence[float], seed: int = 0) -> dict[str, list[Item]]:
    """Split items into training, validation and test.

    Args:
        items: with ``subject``.
        ratios: shares of the three splits, of the number of subjects.
        seed: of the random split.

    Returns:
        Name of the split -> its items.
    """
    subjects = sorted({item["subject"] for item in items})
    groups = partition_dataset(subjects, ratios=ratios, shuffle=True, seed=seed)
    return {
        name: [item for item in items if item["subject"] in group] for name, group in zip(SPLITS, groups, strict=True)
    }


def check_subjects(parts: Mapping[str, Sequence[Mapping[str, Any]]], source: str) -> None:
    """Refuse splits that share a subject.

    Args:
        parts: name of the split -> its items, with ``subject``.
        source: file or folder, for the message.

    Raises:
        ValueError: if a subject is in two splits.
    """
    split_of: dict[str, str] = {}
    for split, items in parts.items():
        for item in items:
            first = split_of.setdefault(item["subject"], split)
            if first != split:
                raise ValueError(
                    f"{source}: subject {item['subject']} is in two splits, {first} and {split}. "
                    "Every scan of a subject must be in one split; correct the datalist."
                )
