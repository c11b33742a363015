"""Pathologies to learn from: drawn once into every aligned head, and kept as the pairs of slices that show them."""

from __future__ import annotations

import zlib
from collections.abc import Hashable, Mapping, Sequence
from typing import Any

import numpy as np
import torch
from monai.config import KeysCollection
from monai.data import MetaTensor
from monai.transforms import MapTransform
from torch import Tensor

from ..midline.plane import MidsagittalPlane
from ..preprocessing.hemispheres import split_hemispheres
from ..preprocessing.intensity import normalize_brain
from ..preprocessing.slices import usable_slices
from ..simulation.pathology.anatomy import find_anatomy
from ..simulation.pathology.canvas import SIDES
from ..simulation.pathology.draw import draw_pathology
from ..simulation.pathology.rows import PATHOLOGIES
from ..simulation.simulate import PATHOLOGY

SIZES_MM = (5.0, 15.0)
"""The curriculum knows sizes only: the lowest and the highest usual severity count as lesions of these sides."""

VISIBLE = 0.25
"""A slice shows a pathology if it has at least this share of the truth of the slice that has most of it."""


class DrawPathologiesd(MapTransform):
    """Draw pathologies into an aligned brain (1, X, Y, Z), each by itself, and keep some slices of each.

    Kinds follow each other in the order of the table, so that all are equally frequent. Side, severity and shape are
    random numbers that depend on the case and its brain mask alone. The result, at the key ``pathology``, has the
    V slices of all of them: ``pairs`` (V, 2, H, W), half precision, ``truth`` (V, 2, H, W) bool, empty where both sides
    are ill alike, ``slice`` (V,), indices along Z, and ``size`` (V,), the severity as a size in mm.

    Args:
        keys: the aligned brain, exactly 0 outside.
        count: number of pathologies in each head.
        slices: number of slices of each that are kept.
        size: (H, W) of a hemisphere.
        bilateral: share of the pathologies that are on both sides alike: hard negatives.
    """

    def __init__(
        self,
        keys: KeysCollection,
        count: int,
        slices: int = 6,
        size: Sequence[int] | None = None,
        bilateral: float = 0.2,
    ) -> None:
        super().__init__(keys)
        self.count, self.slices, self.size, self.bilateral = count, slices, size, bilateral

    def __call__(self, data: Mapping[Hashable, Any]) -> dict[Hashable, Any]:
        """Draw into every key."""
        d = dict(data)
        for key in self.key_iterator(d):
            d[PATHOLOGY] = self._drawn(d[key], str(d.get("case", "")))
        return d

    def _drawn(self, brain: MetaTensor, case: str) -> dict[str, Tensor]:
        head, affine = brain[0].as_tensor().numpy(), brain.affine.numpy()
        mask, plane = head != 0, middle_plane(affine, head.shape[0])
        anatomy = find_anatomy(head, affine, mask, plane)
        usable = usable_slices(split_hemispheres(brain.as_tensor(), self.size))
        rng = np.random.default_rng(zlib.crc32(f"{case}|{mask.sum()}".encode()))
        kept: dict[str, list[Tensor]] = {"pairs": [], "truth": [], "slice": [], "size": []}
        first = int(rng.integers(len(PATHOLOGIES)))
        for number in range(self.count):
            kind = list(PATHOLOGIES)[(first + number) % len(PATHOLOGIES)]
            both, position, seed = rng.random() < self.bilateral, rng.random(), int(rng.integers(2**31))
            side = "both" if both else str(rng.choice(list(SIDES)))
            low, *_, high = PATHOLOGIES[kind].severities
            severity = low * (high / low) ** position
            drawn = draw_pathology(head, affine, mask, plane, kind, side, severity, seed=seed, anatomy=anatomy)
            truth = torch.from_numpy(drawn.truth)
            chosen = visible_slices(truth, usable, self.slices)
            ill = normalize_brain(torch.from_numpy(drawn.image)[None], np.linalg.norm(affine[:3, :3], axis=0))
            kept["pairs"].append(_slices(ill, chosen, self.size).half())
            kept["truth"].append(_slices(truth[None] & ~torch.tensor(both), chosen, self.size))
            kept["slice"].append(chosen)
            kept["size"].append(torch.full((len(chosen),), SIZES_MM[0] * (SIZES_MM[1] / SIZES_MM[0]) ** position))
        return {name: torch.cat(values) for name, values in kept.items()}


def middle_plane(affine: np.ndarray, columns: int) -> MidsagittalPlane:
    """Return the mid-sagittal plane of an aligned grid, RAS+ mm: the middle of its first axis.

    Args:
        affine: (4, 4) voxels to RAS+ mm.
        columns: length of the first axis.
    """
    point = (affine @ [(columns - 1) / 2, 0, 0, 1])[:3]
    normal = affine[:3, 0] / np.linalg.norm(affine[:3, 0])
    return MidsagittalPlane(point=tuple(point), normal=tuple(normal))


def visible_slices(truth: Tensor, usable: Tensor, count: int) -> Tensor:
    """Choose slices that show a pathology.

    Args:
        truth: (X, Y, Z) bool.
        usable: indices along Z to choose from.
        count: of slices; fewer if fewer show it.

    Returns:
        Indices along Z, evenly spread over those with enough of the truth; none if no usable slice has any.
    """
    area = truth.sum((0, 1))[usable]
    showing = usable[(area > 0) & (area >= VISIBLE * area.max())] if len(usable) else usable
    return showing[torch.linspace(0, len(showing) - 1, min(count, len(showing))).round().long()]


def _slices(head: Tensor, chosen: Tensor, size: Sequence[int] | None) -> Tensor:
    """Cut (1, X, Y, Z) into hemispheres, and take slices (S, 2, H, W)."""
    return split_hemispheres(head[..., chosen], size).movedim(-1, 0).contiguous()
