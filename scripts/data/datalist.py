"""The scans of a data set, from a datalist (JSON) or from a folder, and those of one split."""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from .bids import find_scans, name_cases, subject_name
from .scan import Scan
from .split import SPLITS, check_subjects, split_by_subject

DATALIST = "datalist.json"
PATHS = ("image", "brain_mask")
"""Keys of a datalist's item that are paths, relative to the datalist's folder or absolute."""

_log = logging.getLogger(__name__)


def dataset(
    dataset_dir: str,
    split: str,
    phantom_dir: str | None = None,
    subjects: int = 40,
    asymmetry: str = "mid",
    ratios: Sequence[float] = (0.65, 0.15, 0.2),
    seed: int = 0,
) -> list[Scan]:
    """List the scans of one split of a data set.

    Args:
        dataset_dir: a folder of NIfTI files or DICOM series (BIDS or not), a folder with a ``datalist.json``, or
            a MONAI datalist (JSON) itself. The splits of a datalist are used if it names all three; anything else is
            split by subject.
        split: ``training``, ``validation`` or ``test``.
        phantom_dir: if ``dataset_dir`` is this folder and holds no data set, the default cohort of synthetic
            heads is made there first.
        subjects: number of heads in that cohort.
        asymmetry: level of natural asymmetry in that cohort, a key of ``phantom.head.ASYMMETRY``.
        ratios: shares of the three splits, of the number of subjects.
        seed: of the random split.

    Returns:
        The scans, with ``image``, ``subject``, ``case`` and ``written``.

    Raises:
        FileNotFoundError: if the folder does not exist or holds no scan.
        ValueError: if a subject is in two splits, or a split would be empty.
    """
    if split not in SPLITS:
        raise ValueError(f"There is no split {split!r}. Choose one of: {', '.join(SPLITS)}.")
    if phantom_dir is not None and Path(dataset_dir).resolve() == Path(phantom_dir).resolve():
        _make_default_cohort(Path(phantom_dir), subjects, asymmetry)
    parts = _read(Path(dataset_dir))
    if set(parts) != set(SPLITS):
        parts = split_by_subject([scan for part in parts.values() for scan in part], ratios, seed)
    check_subjects(parts, dataset_dir)
    if not parts[split]:
        count = len({scan["subject"] for part in parts.values() for scan in part})
        raise ValueError(
            f"{dataset_dir}: no subject is left for the {split} split of {count} subjects. "
            "Add subjects, change 'ratios', or name the splits in a datalist JSON."
        )
    return [{**scan, "written": _written(Path(scan["image"]))} for scan in parts[split]]


def scans(path: str) -> list[Scan]:
    """List every scan of a path.

    Args:
        path: a NIfTI file, a DICOM series (its folder or one of its files), a PNG slice, a folder of them, or a
            datalist.

    Returns:
        The scans, with ``image``, ``subject`` and ``case``.

    Raises:
        FileNotFoundError: if there is no such path or no scan in it.
    """
    return [scan for part in _read(Path(path)).values() for scan in part]


def _make_default_cohort(folder: Path, subjects: int, asymmetry: str) -> None:
    """Make the default cohort of synthetic heads, unless the folder holds a data set."""
    if (folder / DATALIST).exists():
        return
    from ..phantom.cohort import make_cohort  # needs nilearn and SciPy, which training on real scans does not

    _log.warning("%s holds no data set: making the default cohort of %d synthetic heads.", folder, subjects)
    make_cohort(folder, subjects=subjects, asymmetry=asymmetry)


def _written(image: Path) -> list[int]:
    """Size and time of writing of a file, or of every file of a DICOM series; empty if there is none."""
    files = sorted(image.iterdir()) if image.is_dir() else [image]
    return [number for file in files if file.exists() for number in (file.stat().st_size, file.stat().st_mtime_ns)]


def _read(path: Path) -> dict[str, list[Scan]]:
    """The scans of a path, by split if a datalist names splits."""
    if not path.exists():
        raise FileNotFoundError(
            f"{path}: no such file or folder. Expected a NIfTI file, a folder of NIfTI files or DICOM series, "
            "or a datalist JSON. Check the path."
        )
    datalist = path / DATALIST if path.is_dir() else path
    if datalist.suffix == ".json" and datalist.exists():
        return _read_datalist(datalist)
    images = find_scans(path)
    if not images:
        raise FileNotFoundError(
            f"{path}: holds no scan. Expected files that end in .nii or .nii.gz, or folders with DICOM files."
        )
    return {"scans": name_cases([{"image": str(image), "subject": subject_name(image)} for image in images])}


def _read_datalist(file: Path) -> dict[str, list[Scan]]:
    """The scans of a datalist, by split."""
    content = json.loads(file.read_text())
    listed = {name: content[name] for name in SPLITS if isinstance(content.get(name), list)}
    if not any(listed.values()):
        raise ValueError(
            f"{file}: lists no scan. Expected a JSON object with a list under 'training' (and 'validation', 'test'), "
            f"found the keys {sorted(content)}."
        )
    parts = {name: [_scan(item, file.parent) for item in items] for name, items in listed.items()}
    name_cases([scan for part in parts.values() for scan in part])
    return parts


def _scan(item: dict[str, Any] | str, folder: Path) -> Scan:
    """A scan of an item of a datalist, its paths relative to a folder."""
    item = {"image": item} if isinstance(item, str) else item
    paths = {key: str(folder / item[key]) for key in PATHS if item.get(key)}  # an absolute path stays as it is
    subject = item.get("subject") or subject_name(Path(paths["image"]))
    return {**item, **paths, "subject": subject}  # type: ignore[typeddict-item]
