"""Write a cohort of synthetic newborn heads: BIDS-like NIfTI files, their ground truth, and a datalist."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import torch
from filelock import FileLock

from .growth import TERM
from .subject import TRUTH, CohortItem, make_subject, write_json
from .template import load_atlas

SPLIT = {"training": 0.65, "validation": 0.15, "test": 0.20}
GENERATOR = 2  # raise it if a seed gives other voxels, so that an old cohort is not taken for a new one
MOST_WORKERS = 8  # each needs about 300 MB
NAME = "synthetic newborn heads"
DESCRIPTION = (
    "SIMULATED newborn head MRI, grown from the MNI152 nonlinear symmetric 2009a template "
    "(Fonov et al. 2011, doi:10.1016/j.neuroimage.2010.07.033). Research use only, not for clinical use."
)


def make_cohort(
    output_dir: str | Path,
    subjects: int = 40,
    seed: int = 0,
    workers: int | None = None,
    spacing: float | None = None,
    asymmetry: str = "mid",
    split: str | None = None,
    ages: Sequence[float] = TERM,
) -> Path:
    """Write a cohort: a subject depends on ``(seed, its number)`` alone, not on the number of workers.

    Subjects that are complete on disk are kept, so that an interrupted call can simply be repeated. If another process
    is making the same cohort, this one waits for it.

    Args:
        output_dir: folder to write to; created if missing.
        subjects: number of heads, each with two scans.
        seed: of all randomness.
        workers: threads; by default one per core, at most ``MOST_WORKERS``.
        spacing: isotropic voxel size of all scans in mm, for quick tests; by default every scan has its own.
        asymmetry: level of natural asymmetry, a key of ``head.ASYMMETRY``.
        split: the split of all heads, for a cohort that is only tested on, say; by default ``SPLIT`` divides them.
        ages: youngest and oldest age at the scan, weeks after the last menstruation; at term by default.

    Returns:
        Path of ``datalist.json``. Its items hold ``image`` and ``brain_mask`` (relative paths), ``subject``,
        ``contrast``, ``asymmetry``, ``age_weeks`` and ``plane`` (mid-sagittal, RAS+ mm: ``point`` and unit ``normal``,
        which points to the patient's right).

    Raises:
        FileExistsError: if the folder holds other files than an earlier cohort.
        ValueError: if there is no such split, or ``growth`` does not know the ages.
    """
    if split is not None and split not in SPLIT:
        raise ValueError(f"There is no split {split!r}. Choose one of: {', '.join(SPLIT)}.")
    root = Path(output_dir)
    settings: dict[str, Any] = {
        "generator": GENERATOR,
        "subjects": subjects,
        "seed": seed,
        "spacing": spacing,
        "asymmetry": asymmetry,
    }
    settings["ages"] = [float(age) for age in ages]
    settings |= {"split": split} if split else {}
    path = root / "datalist.json"
    if _is_complete(path, settings):
        return path
    lock(root).parent.mkdir(parents=True, exist_ok=True)
    with FileLock(lock(root)):  # all processes of a training need it at the same time
        if not _is_complete(path, settings):
            _refuse_foreign(root)
            root.mkdir(exist_ok=True)
            _make(path, settings, [split] * subjects if split else split_subjects(subjects), workers)
    return path


def lock(root: Path) -> Path:
    """Return the lock file beside a cohort's folder, which a process holds while it makes the cohort."""
    folder = root.resolve()
    return folder.with_name(f".{folder.name}.lock")


def _make(path: Path, settings: dict[str, Any], splits: list[str], workers: int | None) -> None:
    from tqdm import tqdm

    root = path.parent
    path.unlink(missing_ok=True)  # it exists only if all files that it names are complete
    for folder, kind in ((root, "raw"), (root / TRUTH, "derivative")):
        write_json(
            folder / "dataset_description.json",
            {
                "Name": NAME,
                "BIDSVersion": "1.9.0",
                "DatasetType": kind,
                "Description": DESCRIPTION,
                "GeneratedBy": [{"Name": "neonatal_brain_symmetry", **settings}],
            },
        )
    atlas = load_atlas()
    threads = torch.get_num_threads()

    def make(number: int) -> list[CohortItem]:
        torch.set_num_threads(1)  # many subjects at once are faster than many threads for one
        return make_subject(root, atlas, number, splits[number] == "training", settings)

    pool = ThreadPoolExecutor(workers or min(os.cpu_count() or 1, MOST_WORKERS))
    try:
        subjects = list(
            tqdm(pool.map(make, range(len(splits))), total=len(splits), desc=NAME, unit="head", disable=None)
        )
    finally:
        pool.shutdown(cancel_futures=True)
        torch.set_num_threads(threads)
    datalist: dict[str, Any] = {name: [] for name in SPLIT}
    for number, items in enumerate(subjects):
        datalist[splits[number]] += items
    datalist["description"] = DESCRIPTION
    datalist["settings"] = settings
    write_json(path, datalist)


def _refuse_foreign(root: Path) -> None:
    """Raise if the folder holds other files than an earlier cohort: they would be overwritten."""
    description = root / "dataset_description.json"
    ours = description.exists() and json.loads(description.read_text()).get("Name") == NAME
    if root.exists() and any(root.iterdir()) and not ours:
        raise FileExistsError(f"{root} holds other files. Give the synthetic cohort an empty folder.")


def _is_complete(path: Path, settings: dict[str, Any]) -> bool:
    """Whether this datalist was written with these settings and all its files exist."""
    if not path.exists():
        return False
    datalist = json.loads(path.read_text())
    items = [item for name in SPLIT for item in datalist[name]]
    return datalist.get("settings") == settings and all(
        (path.parent / item[key]).exists() for item in items for key in ("image", "brain_mask")
    )


def split_subjects(subjects: int) -> list[str]:
    """Return the split of every subject, in order; of three or more, validation and test get at least one each."""
    validation, test = (max(round(SPLIT[k] * subjects), int(subjects > 2)) for k in ("validation", "test"))
    training = subjects - validation - test
    return ["training"] * training + ["validation"] * validation + ["test"] * test
