"""The anatomy of one synthetic head: the partial volumes of its tissue classes, computed from smooth fields."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional as F

from .template import Atlas, sample

# Tissue classes, in the order of ``Head.classes``; the rest of a voxel is air.
BRAIN = ("csf", "cortex", "white", "deep", "myelin")
CLASSES = (*BRAIN, "skull", "fat", "skin", "soft_a", "soft_b", "eye", "lens")
REGIONS = ("", "ventricle", "hindbrain")
FULL = 255  # a partial volume of 1: bytes are finer than any noise, and save memory
SKIN = 1.3  # thickness of the skin, mm
WHITE_SHIFT = -2.0  # template mm by which white matter ends before the template's
CLOSED = 1.1  # mm by which the cortex in a closed sulcus of the template may be thicker
SOFT = 0.8  # width of the transition between two tissues, mm
FORAMEN = -66.0  # template z in mm of the foramen magnum: below it the brain ends and the cord begins


class Head(NamedTuple):
    """One subject in its own head frame: RAS+ mm, x = 0 is the mid-sagittal plane, x grows to the right.

    Attributes:
        classes: (len(CLASSES), X, Y, Z) uint8, partial volume of each class; ``FULL`` is a voxel of one class.
        texture: (2, X, Y, Z) float16, fields of unit variance that modulate the tissue: a fine and a coarse one.
        brain_mask: (X, Y, Z) uint8, partial volume of everything inside the skull, the outer CSF included, above the
            foramen magnum.
        spacing: size of the isotropic voxels, mm.
        origin: position of voxel (0, 0, 0), mm.
        regions: (X, Y, Z) uint8, position in ``REGIONS``: the lateral ventricles; cerebellum and brain stem.
        age: at the scan, weeks.
    """

    classes: Tensor
    texture: Tensor
    brain_mask: Tensor
    spacing: float
    origin: tuple[float, float, float]
    regions: Tensor
    age: float


class Folds(NamedTuple):
    """How the folds of the template are used.

    Attributes:
        share: 0 draws none of them, 1 all of them, as at term.
        scale: newborn mm by template mm.
    """

    share: float
    scale: float


def paint(
    atlas: Atlas,
    fields: dict[str, Tensor],
    origin: tuple[float, float, float],
    finer: int,
    spacing: float,
    age: float,
    folds: Folds,
) -> Head:
    """Compute the anatomy on a fine grid from coarse fields, a few planes at a time so that they fit a core's cache.

    Args:
        atlas: the template, whose tissue maps are sampled once, here.
        fields: name to (X, Y, Z) values on the coarse grid; see ``head.make_head``.
        origin: position of the first node of both grids, mm; their last node is the same, too.
        finer: number of fine voxels along a coarse one.
        spacing: distance of the fine nodes, mm.
        age: of the head, weeks.
        folds: how the folds of the template are used.

    Returns:
        The head on the fine grid.
    """
    names = list(fields)
    coarse = torch.stack(list(fields.values()), dim=1)  # (X, field, Y, Z)
    nodes = (coarse.shape[0], *coarse.shape[2:])
    shape = tuple(finer * (n - 1) + 1 for n in nodes)
    classes = torch.empty(len(CLASSES), *shape, dtype=torch.uint8)
    texture = torch.empty(2, *shape, dtype=torch.float16)
    brain_mask = torch.empty(shape, dtype=torch.uint8)
    regions = torch.zeros(shape, dtype=torch.uint8)
    for cell in range(nodes[0] - 1):
        planes = finer + (cell == nodes[0] - 2)  # the last cell includes its far border
        slab = slice(finer * cell, finer * cell + planes)
        share = (torch.arange(planes) / finer).view(-1, 1, 1, 1)
        fine = coarse[cell] + share * (coarse[cell + 1] - coarse[cell])
        fine = F.interpolate(fine, size=shape[1:], mode="bilinear", align_corners=True)
        fine_fields = dict(zip(names, fine.unbind(1), strict=True))
        volumes, mask = _classes(atlas, fine_fields, spacing, folds)
        for k, volume in enumerate(volumes):
            classes[k, slab] = volume * FULL + 0.5
        brain_mask[slab] = mask * FULL + 0.5
        regions[slab][fine_fields["hindbrain"] > 0.5] = REGIONS.index("hindbrain")
        regions[slab][fine_fields["ventricle"] < 0] = REGIONS.index("ventricle")
        texture[0, slab], texture[1, slab] = fine_fields["texture_fine"], fine_fields["texture_wide"]
    return Head(classes, texture, brain_mask, spacing, origin, regions, age)


def _classes(atlas: Atlas, f: dict[str, Tensor], spacing: float, folds: Folds) -> tuple[list[Tensor], Tensor]:
    """Partial volumes of one slab in the order of ``CLASSES``, and its brain mask."""

    def within(distance: Tensor) -> Tensor:
        """Partial volume of a shape, of the signed distance to its surface in mm."""
        return (0.5 - distance / spacing).clamp(0, 1)

    cavity = within(f["inner"])
    vault = within(f["bone"])
    head = torch.maximum(within(f["surface"]), vault)
    under_skin = torch.minimum(within(f["surface"] + SKIN), head)
    under_fat = torch.minimum(within(f["surface"] + f["fat_depth"]), under_skin)
    eye = within(f["eye"]) * (1 - vault)
    lens = within(f["lens"])
    free = 1 - vault - eye  # not a product: where an eye touches the skull, the shares would exceed 1
    soft = under_fat * free
    fat_planes = (2 * f["fat_planes"] - 2.2).clamp(0, 1)  # fat between the muscles
    type_a = (0.5 + 2 * f["muscle"]).clamp(0, 1)

    brain = [torch.zeros_like(cavity) for _ in BRAIN]
    inside = cavity.flatten().nonzero()[:, 0]
    if len(inside):
        tissue = _tissue(atlas, {k: v.flatten()[inside] for k, v in f.items()}, spacing, folds)
        share = cavity.flatten()[inside]
        for volume, part in zip(brain, tissue, strict=True):
            volume.view(-1)[inside] = part * share
    fat, muscle = (under_skin - under_fat) * free + soft * fat_planes, soft * (1 - fat_planes)
    volumes = [
        *brain,
        vault - cavity,
        fat,
        (head - under_skin) * free,
        muscle * type_a,
        muscle * (1 - type_a),
        eye * (1 - lens),
        eye * lens,
    ]
    return volumes, cavity * (f["template_z"] > FORAMEN)


def _tissue(atlas: Atlas, f: dict[str, Tensor], spacing: float, folds: Folds) -> list[Tensor]:
    """Shares (N,) of CSF, cortex, white, deep grey and myelinated white matter at N points in the skull."""
    points = torch.stack([f["template_x"], f["template_y"], f["template_z"]])[:, :, None, None]
    grey, white = sample(atlas.tissue, points, 1.0, atlas.origin)[:, :, 0, 0]
    soften = max(SOFT, spacing)

    def above(distance: Tensor) -> Tensor:
        """Partial volume of where a distance in mm is positive."""
        return (0.5 + distance / soften).clamp(0, 1)

    # The cortex is a ribbon of one thickness: on the template's white matter, as far as that is folded at this age,
    # and along the sulci of this subject. Beyond it lies fluid.
    folded = folds.scale * (sample(atlas.inner, points, 1.0, atlas.origin)[0, :, 0, 0] + WHITE_SHIFT)
    smooth = f["thickness"] + f["hull"]
    from_white = smooth + folds.share * (folded - smooth)
    from_sulcus = f["sulcus"].abs() + (-f["hull"] - f["sulcus_depth"]).clamp(min=0) + 8 * (1 - f["mantle"])
    outside_white = torch.maximum(from_white, f["thickness"] - from_sulcus)
    cerebrum = 1 - f["hindbrain"]
    closed = CLOSED * grey  # where the template's sulcus is closed, there is only a little fluid
    beyond = from_white - f["thickness"] - closed
    sulcus = cerebrum * above(torch.maximum(beyond, f["sulcus_width"] - from_sulcus))
    # The fluid of the template, without its lateral ventricles: these have a size of their own.
    solid = grey + white
    near = (2 - 0.5 * f["ventricle"]).clamp(0, 1)
    fluid = (1.3 * (1 - solid) - 0.15).clamp(0, 1) * (1 - near)
    gap = 0.95 * f["fissure"] * torch.exp(-((f["template_x"] / 1.3) ** 2))
    csf = 1 - (1 - fluid) * (1 - sulcus) * (1 - gap) * (1 - above(-f["ventricle"]))
    deep = (2 * f["deep"] - 0.5).clamp(0, 1) * (1 - 0.7 * f["myelin"])
    # Cerebellum and brain stem keep the template's grey and white matter, sharper than its average.
    leaves = (0.4 + 1.6 * (grey / solid.clamp(min=1e-3) - 0.5)).clamp(0, 1)
    cortex = cerebrum * above(outside_white) * (1 - deep) + f["hindbrain"] * leaves
    inner = (1 - cortex) * (1 - csf)
    myelin = torch.maximum(f["myelin"], f["hindbrain"])
    return [csf, cortex * (1 - csf), inner * (1 - deep) * (1 - myelin), inner * deep, inner * (1 - deep) * myelin]
