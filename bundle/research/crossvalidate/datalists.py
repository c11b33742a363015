"""What each training of a cross-validation gets: its scans, with masks that no network made that has seen them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from scripts.atomic_write import write_text
from scripts.data.scan import Scan

from .folds import Fold
from .heads import MATERIALS, Material, training_heads, validation_heads
from .strips import with_reference


def fold_datalist(fold: Fold, masks: Mapping[str, str], learn_from: str) -> Path:
    """Write the datalist of a fold with masks.

    Newborns to learn from come twice, with the mask of a skull strip and with the tight reference, so that a network
    does not depend on where exactly the mask ends. A training validates on a synthetic head: nothing is chosen by it
    here, and every newborn that is not tested is needed to learn from.
    """
    material, folder = MATERIALS[learn_from], fold.folder.parent
    newborns = with_two_masks(fold.training, masks) if material.newborns else []
    test: list[Scan] = [{**scan, "brain_mask": masks[scan["case"]]} for scan in fold.test]
    return fold.datalist(
        f"datalist_{learn_from}",
        training=[*newborns, *training_heads(folder, material.heads)],
        validation=validation_heads(folder),
        test=test,
    )


def with_two_masks(scans: Sequence[Scan], masks: Mapping[str, str]) -> list[Scan]:
    """Return every scan with the mask of a skull strip, and again with its tight reference."""
    own: list[Scan] = [{**scan, "brain_mask": masks[scan["case"]]} for scan in scans]
    return [*own, *(with_reference(scan) for scan in scans)]


def first_datalist(folder: Path, name: str, material: Material) -> Path:
    """Write the datalist of what all folds share: synthetic heads alone.

    Args:
        folder: of the cross-validation.
        name: of the file, without suffix.
        material: without newborns.
    """
    heads = Fold(folder, training_heads(folder, material.heads), validation_heads(folder), [])
    return heads.datalist(name)


def joined(datalists: Iterable[Path], file: Path) -> Path:
    """Write a datalist with the training scans of all these, each once; the other splits are empty."""
    scans = [scan for datalist in datalists for scan in json.loads(datalist.read_text())["training"]]
    unique = {(scan["image"], scan["brain_mask"]): scan for scan in scans}
    write_text(file, json.dumps({"training": list(unique.values()), "validation": [], "test": []}, indent=1))
    return file
