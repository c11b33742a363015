"""Which scans there are, whose they are, and which split each subject belongs to."""

from __future__ import annotations

import json
import logging
import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from monai.data import partition_dataset

from ..io.dicom import is_dicom
from ..io.png import PICTURES

SPLITS: tuple[str, ...] = ("training", "validation", "test")
DATALIST = "datalist.json"
NIFTI = (".nii", ".nii.gz")
_log = logging.getLogger(__name__)


def dataset(
    dataset_dir: str,
    split: str,
    phantom_dir: str | None = None,
    subjects: int = 40,
    asymmetry: str = "mid",
    ratios: Sequence[float] = (0.65, 0.15, 0.2),
    seed: int = 0,
) -> list[dict[str, Any]]:
    """List the scans of one split of a data set.

    Args:
        dataset_dir: a folder of NIfTI files or DICOM series (BIDS or not), a folder with a ``datalist.json``, or
            a MONAI datalist (JSON) itself. A datalist that names all three splits is taken at its word; anything
            else is split by subject.
        split: ``training``, ``validation`` or ``test``.
        phantom_dir: if ``dataset_dir`` is this folder and holds no data set, the default cohort of synthetic
            heads is made there first.
        subjects: how many heads that cohort has.
        asymmetry: level of natural asymmetry of that cohort, a key of ``phantom.head.ASYMMETRY``.
        ratios: shares of the three splits, by subject.
        seed: of the split.

    Returns:
        Dictionaries with ``image`` (a path), ``subject``, ``case`` (a name that is unique in the data set) and
        ``written`` (tells its file from an earlier one of the same path, so that no cache takes one for the other).

    Raises:
        FileNotFoundError: if the folder does not exist or holds no scan.
        ValueError: if a subject is in two splits, or a split would be empty.
    """
    if split not in SPLITS:
        raise ValueError(f"There is no split {split!r}. Choose one of: {', '.join(SPLITS)}.")
    if phantom_dir is not None and Path(dataset_dir).resolve() == Path(phantom_dir).resolve():
        _make_default_cohort(Path(phantom_dir), subjects, asymmetry)
    parts = _listed(Path(dataset_dir))
    if set(parts) != set(SPLITS):
        parts = split_by_subject([scan for part in parts.values() for scan in part], ratios, seed)
    _check_subjects(parts, dataset_dir)
    if not parts[split]:
        count = len({scan["subject"] for part in parts.values() for scan in part})
        raise ValueError(
            f"{dataset_dir}: no subject is left for the {split} split of {count} subjects. "
            "Add subjects, change 'ratios', or name the splits in a datalist JSON."
        )
    return [{**scan, "written": _written(Path(scan["image"]))} for scan in parts[split]]


def scans(path: str) -> list[dict[str, Any]]:
    """List every scan of ``path``: a NIfTI file, a DICOM series (folder or one file of it), a PNG slice, or a folder.

    Raises:
        FileNotFoundError: if there is no such path or no scan in it.
    """
    return [scan for part in _listed(Path(path)).values() for scan in part]


def _make_default_cohort(folder: Path, subjects: int, asymmetry: str) -> None:
    if (folder / DATALIST).exists():
        return
    from ..phantom.cohort import make_cohort  # needs nilearn and SciPy, which training on real scans does not

    _log.warning("%s holds no data set: making the default cohort of %d synthetic heads.", folder, subjects)
    make_cohort(folder, subjects=subjects, asymmetry=asymmetry)


def _written(image: Path) -> list[int]:
    """Return size and time of writing of a file, or of every file of a DICOM series; nothing where there is none."""
    files = sorted(image.iterdir()) if image.is_dir() else [image]
    return [number for file in files if file.exists() for number in (file.stat().st_size, file.stat().st_mtime_ns)]


def _listed(path: Path) -> dict[str, list[dict[str, Any]]]:
    if not path.exists():
        raise FileNotFoundError(
            f"{path}: no such file or folder. Expected a NIfTI file, a folder of NIfTI files or DICOM series, "
            "or a datalist JSON; check 'dataset_dir'."
        )
    datalist = path / DATALIST if path.is_dir() else path
    if datalist.suffix == ".json" and datalist.exists():
        return _read_datalist(datalist)
    found = _find(path)
    if not found:
        raise FileNotFoundError(
            f"{path}: holds no scan. Expected files that end in .nii or .nii.gz, or folders with DICOM files."
        )
    items = [{"image": str(image), "subject": _subject(image)} for image in found]
    return {"scans": with_cases(items)}


def _read_datalist(file: Path) -> dict[str, list[dict[str, Any]]]:
    content = json.loads(file.read_text())
    parts = {name: content[name] for name in SPLITS if isinstance(content.get(name), list)}
    if not any(parts.values()):
        raise ValueError(
            f"{file}: lists no scan. Expected a JSON object with a list under 'training' (and 'validation', 'test'), "
            f"found the keys {sorted(content)}."
        )
    read = {name: [_absolute(item, file.parent) for item in items] for name, items in parts.items()}
    with_cases([item for items in read.values() for item in items])
    return read


def _absolute(item: dict[str, Any] | str, folder: Path) -> dict[str, Any]:
    item = {"image": item} if isinstance(item, str) else dict(item)
    image = folder / item["image"]  # an absolute path stays as it is
    return {**item, "image": str(image), "subject": item.get("subject") or _subject(image)}


def with_cases(items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Name every case by its file, or by more of its path where two files have the same name."""
    names = [stem(Path(item["image"])) for item in items]
    for item, name in zip(items, names, strict=True):
        parents = "_".join(Path(item["image"]).parts[-3:-1])
        item["case"] = name if names.count(name) == 1 else f"{parents}_{name}"
    return items


def _find(path: Path) -> list[Path]:
    """Find scans: NIfTI files, folders of DICOM files, and pictures where a folder holds nothing else.

    Derivatives (BIDS) and hidden files are none.
    """
    if path.is_file():
        return [path.parent if is_dicom(path) else path]
    found = []
    for name, folders, names in os.walk(path):  # follows no link to a folder, and so no loop of them
        folders[:] = sorted(f for f in folders if f != "derivatives" and not f.startswith("."))
        folder = Path(name)
        files = [folder / n for n in sorted(names) if not n.startswith(".") and "desc-" not in n]
        files = [f for f in files if f.is_file()]
        nifti = [f for f in files if f.name.endswith(NIFTI)]
        dicom = not nifti and any(map(is_dicom, files))
        found += nifti or ([folder] if dicom else [f for f in files if f.suffix.lower() in PICTURES])
    return found


def stem(path: Path) -> str:
    """Return the name of a file or folder without the suffix of an image."""
    return re.sub(r"(\.nii)?(\.gz)?(\.dcm|\.png)?$", "", path.name)


def _subject(image: Path) -> str:
    """Return the BIDS subject of a path, ``sub-…``, else the name of the file."""
    found = re.findall(r"sub-[A-Za-z0-9]+", str(image))
    return found[-1] if found else stem(image)


def split_by_subject(
    items: list[dict[str, Any]], ratios: Sequence[float], seed: int = 0
) -> dict[str, list[dict[str, Any]]]:
    """Split items with a ``subject`` into training, validation and test, so that no subject is in two of them."""
    subjects = sorted({item["subject"] for item in items})
    groups = partition_dataset(subjects, ratios=ratios, shuffle=True, seed=seed)
    return {
        name: [item for item in items if item["subject"] in group] for name, group in zip(SPLITS, groups, strict=True)
    }


def _check_subjects(parts: dict[str, list[dict[str, Any]]], source: str) -> None:
    owner: dict[str, str] = {}
    for split, items in parts.items():
        for item in items:
            if owner.setdefault(item["subject"], split) != split:
                raise ValueError(
                    f"{source}: subject {item['subject']} is in two splits, {owner[item['subject']]} and {split}. "
                    "Every scan of a subject must be in one split; correct the datalist."
                )
