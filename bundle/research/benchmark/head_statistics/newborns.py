"""Real newborns: a BIDS folder with scans, and label maps of tissues and of regions beside them.

The codes are those of Draw-EM (Makropoulos et al. 2016, doi:10.1016/j.neuroimage.2015.10.047).
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import nibabel as nib
import numpy as np

from .labelled import CODE, LabelledHead, Volume

TISSUES, REGIONS = "desc-tissue_dseg", "desc-drawem87_dseg"
TISSUE = {1: "fluid", 2: "cortex", 3: "white", 5: "white", 6: "white"}
"""Code of the map of tissues -> label; 5 and 6 are the bright and the dark parts of white matter."""
REGION = {
    **dict.fromkeys((*range(40, 48), 86, 87), "deep"),
    **dict.fromkeys((1, 2, 3, 4), "deep"),
    **dict.fromkeys((17, 18, 19), "hindbrain"),
    **dict.fromkeys((49, 50), "ventricle"),
    48: "white",
}
"""Code of the map of regions -> label; it counts more than the tissue. 1 to 4: hippocampus and amygdala."""
CONTRASTS = ("T1w", "T2w")


def newborns(folder: str | Path) -> list[str]:
    """Return the names of the subjects that have both label maps.

    Raises:
        FileNotFoundError: if there is none.
    """
    names = sorted(path.parents[1].name for path in Path(folder).glob(f"sub-*/anat/*_{TISSUES}.nii.gz"))
    if not names:
        raise FileNotFoundError(
            f"{folder} has no file sub-*/anat/*_{TISSUES}.nii.gz, only "
            f"{', '.join(sorted(p.name for p in Path(folder).glob('*'))[:5]) or 'nothing'}: "
            "give a BIDS folder of newborns with label maps (docs/synthetic_heads.md)."
        )
    return names


def read_newborn(folder: str | Path, name: str) -> LabelledHead:
    """Read one subject; its sides come from the names of the regions.

    Args:
        folder: of the data set, with ``participants.tsv`` (column ``scan_age``) and ``desc-drawem87_dseg.tsv``.
        name: of the subject, ``sub-…``.
    """
    root = Path(folder)
    stem = root / name / "anat" / f"{name}_"
    tissues, affine = _voxels(Path(f"{stem}{TISSUES}.nii.gz"))
    regions, _ = _voxels(Path(f"{stem}{REGIONS}.nii.gz"))
    regions = regions.astype(int)
    of_tissue = np.array([CODE[TISSUE.get(code, "other")] for code in range(256)], dtype=np.uint8)
    of_region = np.array([CODE[REGION.get(code, "other")] for code in range(256)], dtype=np.uint8)
    labels = np.where(of_region[regions] > 0, of_region[regions], of_tissue[tissues.astype(int)])
    side = np.zeros(256, dtype=np.int8)
    for row in _table(root / f"{REGIONS}.tsv"):
        words = row["name"].lower().split()
        side[int(row["index"])] = ("right" in words) - int("left" in words)
    scans = {contrast: Path(f"{stem}{contrast}.nii.gz") for contrast in CONTRASTS}
    ages = {row["participant_id"]: row.get("scan_age", "") for row in _table(root / "participants.tsv")}
    return LabelledHead(
        name,
        float(ages[name]) if ages.get(name, "") else None,
        Volume(labels, affine),
        side[regions],
        {contrast: Volume(*_voxels(path)) for contrast, path in scans.items() if path.exists()},
    )


def _voxels(path: Path) -> tuple[np.ndarray, np.ndarray]:
    image = nib.as_closest_canonical(nib.load(path))
    return np.asarray(image.dataobj, dtype=np.float32), image.affine


def _table(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8") as file:
        yield from csv.DictReader(file, delimiter="\t")
