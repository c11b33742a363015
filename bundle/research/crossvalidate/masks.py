"""The brain masks of a cross-validation: each scan's by the skull strip that has not seen its subject."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from scripts.data.scan import Scan

from ..processes import Task, run_all
from .folds import Fold


def make_masks(folds: Sequence[Fold], weights: Sequence[Path]) -> dict[str, str]:
    """Strip every scan; what is made stays.

    Args:
        folds: of the cross-validation.
        weights: of each fold's skull strip.

    Returns:
        Case -> file of its mask.
    """
    tasks = []
    for fold, file in zip(folds, weights, strict=True):
        left = [scan for scan in fold.test if not mask_file(fold, scan).exists()]
        if left:
            args = (left, [mask_file(fold, scan) for scan in left], file)
            tasks.append(Task(f"masks of {fold.folder.name}", _strip, args, fold.folder / "masks" / "masks.log"))
    run_all(tasks) if tasks else None
    return {scan["case"]: str(mask_file(fold, scan)) for fold in folds for scan in fold.test}


def mask_file(fold: Fold, scan: Scan) -> Path:
    """Return the file of a test scan's mask."""
    return fold.folder / "masks" / f"{scan['case']}_desc-brain_mask.nii.gz"


def _strip(scans: Sequence[Scan], files: Sequence[Path], weights: Path) -> None:
    from monai.transforms import LoadImage, SaveImage

    from scripts.skull_strip import SkullStrip

    load, strip = LoadImage(image_only=True, ensure_channel_first=True), SkullStrip(str(weights))
    for scan, file in zip(scans, files, strict=True):
        _, mask = strip(load(scan["image"]))
        save = SaveImage(output_dir=str(file.parent), output_postfix="", separate_folder=False, print_log=False)
        save(mask, filename=str(file).removesuffix(".nii.gz"))
