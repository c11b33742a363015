"""Write a cohort of synthetic newborn heads as BIDS-like NIfTI files with their truth and a datalist."""

from __future__ import annotations

import json
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import nibabel as nib
import numpy as np
import torch
from filelock import FileLock

from ..atomic_write import whole_file, write_text
from .head import make_head
from .scanner import ACQUISITIONS, ORIENTATIONS, Scan, acquire, draw_pose, nudge
from .template import Atlas, load_atlas

SPLIT = {"training": 0.65, "validation": 0.15, "test": 0.20}
GENERATOR = 1  # raise it whenever a seed gives other voxels, so that no stale cohort passes for a new one
HEAD_SPACING = 0.7  # mm of the grid that a head is built on
MOST_WORKERS = 8  # each holds a head: some 300 MB
TRUTH = Path("derivatives") / "truth"
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
) -> Path:
    """Write a cohort: every subject depends on ``(seed, its number)`` alone, whatever the number of workers.

    What is already whole on disk is kept, so that an interrupted call can simply be made again. Where another process
    is making the same cohort, this one waits for it.

    Args:
        output_dir: folder to write to; created if missing.
        subjects: number of heads, each with two scans.
        seed: of all randomness.
        workers: threads; by default one per core, at most ``MOST_WORKERS``.
        spacing: isotropic voxel size in mm of all scans, coarse for quick tests; by default each has its own.
        asymmetry: level of natural asymmetry, a key of ``phantom.ASYMMETRY``.
        split: the one that every head belongs to, for a cohort that is only to be tested on, say; by default they are
            shared out as ``SPLIT`` says.

    Returns:
        Path of ``datalist.json``. Its items hold ``image`` and ``brain_mask`` (relative paths), ``subject``,
        ``contrast``, ``asymmetry`` and ``plane`` (mid-sagittal: ``point`` and unit ``normal``, which points
        to the patient's right, in RAS+ mm).

    Raises:
        FileExistsError: if the folder holds anything but an earlier cohort.
        ValueError: if there is no such split.
    """
    if split is not None and split not in SPLIT:
        raise ValueError(f"There is no split {split!r}. Choose one of: {', '.join(SPLIT)}.")
    root = Path(output_dir)
    settings = {"generator": GENERATOR, "subjects": subjects, "seed": seed, "spacing": spacing, "asymmetry": asymmetry}
    settings |= {"split": split} if split else {}
    path = root / "datalist.json"
    if _is_whole(path, settings):
        return path
    lock(root).parent.mkdir(parents=True, exist_ok=True)
    with FileLock(lock(root)):  # the processes of one training all want it at once
        if not _is_whole(path, settings):
            _refuse_foreign(root)
            root.mkdir(exist_ok=True)
            _make(path, settings, [split] * subjects if split else split_subjects(subjects), workers)
    return path


def lock(root: Path) -> Path:
    """Return the file beside a cohort's folder that one process holds while it makes the cohort."""
    whole = root.resolve()
    return whole.with_name(f".{whole.name}.lock")


def _make(path: Path, settings: dict[str, Any], splits: list[str], workers: int | None) -> None:
    from tqdm import tqdm

    root = path.parent
    path.unlink(missing_ok=True)  # it exists only while all that it names is whole
    for folder, kind in ((root, "raw"), (root / TRUTH, "derivative")):
        _write_json(
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

    def one(number: int) -> list[dict[str, Any]]:
        torch.set_num_threads(1)  # many subjects at once beat many threads on one
        return make_subject(root, atlas, number, splits[number] == "training", settings)

    pool = ThreadPoolExecutor(workers or min(os.cpu_count() or 1, MOST_WORKERS))
    try:
        made = list(tqdm(pool.map(one, range(len(splits))), total=len(splits), desc=NAME, unit="head"))
    finally:
        pool.shutdown(cancel_futures=True)
        torch.set_num_threads(threads)
    datalist: dict[str, Any] = {name: [] for name in SPLIT}
    for number, items in enumerate(made):
        datalist[splits[number]] += items
    datalist["description"] = DESCRIPTION
    datalist["settings"] = settings
    _write_json(path, datalist)


def _refuse_foreign(root: Path) -> None:
    """Raise where the folder holds anything but an earlier cohort: its scans would be overwritten."""
    about = root / "dataset_description.json"
    ours = about.exists() and json.loads(about.read_text()).get("Name") == NAME
    if root.exists() and any(root.iterdir()) and not ours:
        raise FileExistsError(f"{root} holds other files. Give the synthetic cohort an empty folder.")


def _is_whole(path: Path, settings: dict[str, Any]) -> bool:
    """Whether this datalist was written with these settings and its files are all there."""
    if not path.exists():
        return False
    datalist = json.loads(path.read_text())
    items = [item for name in SPLIT for item in datalist[name]]
    return datalist.get("settings") == settings and all(
        (path.parent / item[key]).exists() for item in items for key in ("image", "brain_mask")
    )


def split_subjects(subjects: int) -> list[str]:
    """Split of every subject, in order; validation and test get at least one each where there are three."""
    validation, test = (max(round(SPLIT[k] * subjects), int(subjects > 2)) for k in ("validation", "test"))
    training = subjects - validation - test
    return ["training"] * training + ["validation"] * validation + ["test"] * test


def make_subject(
    root: Path, atlas: Atlas, number: int, training: bool, settings: dict[str, Any]
) -> list[dict[str, Any]]:
    """Write both scans of one subject, or find them written before.

    Args:
        root: the cohort's folder.
        atlas: the template.
        number: 0-based subject number.
        training: every other training subject has a random contrast instead of T2w.
        settings: of the cohort, see ``make_cohort``.

    Returns:
        Two datalist items.
    """
    subject = f"sub-{number + 1:03d}"
    record = root / TRUTH / subject / "items.json"  # written last: the subject is whole
    wanted = {k: v for k, v in settings.items() if k != "subjects"} | {"training": training}
    if record.exists():
        stored = json.loads(record.read_text())
        files = [root / item[key] for item in stored["items"] for key in ("image", "brain_mask")]
        if stored["settings"] == wanted and all(file.exists() for file in files):
            return stored["items"]
    for folder in (root / subject, root / TRUTH / subject):  # what other settings left here
        for stale in folder.glob("anat/*.nii.gz"):
            stale.unlink()
    rng = np.random.default_rng([settings["seed"], number])
    generator = torch.Generator().manual_seed(int(rng.integers(2**62)))
    spacing = settings["spacing"]
    head = make_head(atlas, generator, max(HEAD_SPACING, float(spacing or 0)), settings["asymmetry"])
    pose = draw_pose(rng)
    items = []
    for contrast in ("T1w", "random" if training and number % 2 else "T2w"):
        acquisition = str(rng.choice(list(ACQUISITIONS)))
        orientation = ORIENTATIONS[rng.integers(len(ORIENTATIONS))]
        scan = acquire(head, contrast, acquisition, orientation, pose, rng, spacing)
        stem = f"{subject}_acq-random_T2w" if contrast == "random" else f"{subject}_{contrast}"
        image = Path(subject) / "anat" / f"{stem}.nii.gz"
        mask = TRUTH / subject / "anat" / f"{stem}_desc-brain_mask.nii.gz"
        _write_nifti(root / image, scan.image, scan)
        _write_nifti(root / mask, scan.brain_mask, scan)
        items.append(
            {
                "image": image.as_posix(),
                "brain_mask": mask.as_posix(),
                "subject": subject,
                "contrast": contrast,
                "plane": {
                    "point": [round(float(v), 4) for v in scan.point],
                    "normal": [round(float(v), 6) for v in scan.normal],
                },
                "asymmetry": settings["asymmetry"],
            }
        )
        pose = nudge(pose, rng)
    _write_json(record, {"settings": wanted, "items": items})
    return items


def _write_nifti(path: Path, voxels: np.ndarray, scan: Scan) -> None:
    """Write voxels with sform and qform both set, whole or not at all."""
    image = nib.Nifti1Image(voxels, scan.affine)
    image.set_sform(scan.affine, code=1)
    image.set_qform(scan.affine, code=1)
    image.header.set_xyzt_units("mm")
    image.header["descrip"] = b"SIMULATED, research use only"
    with whole_file(path) as partial:
        nib.save(image, partial)


def _write_json(path: Path, content: dict[str, Any]) -> None:
    """Write a JSON file whole or not at all."""
    write_text(path, json.dumps(content, indent=1) + "\n")
