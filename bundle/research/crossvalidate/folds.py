"""The folds of a cross-validation: every subject is in the test part of exactly one of them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from monai.data import partition_dataset

from scripts.atomic_write import write_text
from scripts.data.scan import Scan


class Fold(NamedTuple):
    """One fold.

    Attributes:
        folder: of all that belongs to it.
        training: scans that its networks learn from.
        validation: scans of subjects that are held apart to set the threshold, if any.
        test: scans of the subjects that its networks have not seen.
    """

    folder: Path
    training: list[Scan]
    validation: list[Scan]
    test: list[Scan]

    def datalist(self, name: str, **splits: Sequence[Scan]) -> Path:
        """Write a datalist of this fold.

        Args:
            name: of the file, without suffix.
            splits: scans of a split, where they are not those of the fold.
        """
        own: dict[str, Sequence[Scan]] = {"training": self.training, "validation": self.validation, "test": self.test}
        file = self.folder / f"{name}.json"
        write_text(file, json.dumps({**own, **splits}, indent=1))
        return file


def make_folds(scans: Sequence[Scan], count: int, folder: Path, seed: int = 0, validation: int = 0) -> list[Fold]:
    """Divide scans by subject.

    Args:
        scans: with ``subject``.
        count: of the folds.
        folder: each fold gets a folder in it.
        seed: of the division.
        validation: subjects of each fold that are neither tested nor learnt from.

    Raises:
        ValueError: if there are too few subjects for so many folds.
    """
    subjects = sorted({scan["subject"] for scan in scans})
    if len(subjects) - -(-len(subjects) // count) <= validation:
        raise ValueError(
            f"{len(subjects)} subjects are too few for {count} folds, each with {validation} for validation "
            "and some to learn from: add subjects."
        )
    groups = partition_dataset(subjects, num_partitions=count, shuffle=True, seed=seed)
    made = []
    for number, group in enumerate(groups):
        # The validation subjects of a fold are test subjects of the next one: all are used alike.
        held = groups[(number + 1) % count][:validation]
        parts: dict[str, list[Scan]] = {"training": [], "validation": [], "test": []}
        for scan in scans:
            name = "test" if scan["subject"] in group else "validation" if scan["subject"] in held else "training"
            parts[name].append(scan)
        made.append(Fold(folder / f"fold_{number}", **parts))
    return made
