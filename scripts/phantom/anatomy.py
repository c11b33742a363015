"""From smooth fields to anatomy: the partial volumes of every tissue class of one head."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional as F

from .template import Atlas, sample

# Tissue classes, in the order of ``Head.classes``; what is left to 1 is air.
BRAIN = ("csf", "cortex", "white", "deep", "myelin")
CLASSES = (*BRAIN, "skull", "fat", "skin", "soft_a", "soft_b", "eye", "lens")
WHOLE = 255  # a partial volume of 1: bytes are finer than any noise, and a head must stay small
SKIN = 1.3  # mm
FORAMEN = -66.0  # template z in mm below which it is cord, no longer brain


class Head(NamedTuple):
    """One subject in its own head frame: RAS+ mm, x = 0 is the mid-sagittal plane, x grows to the right.

    Attributes:
        classes: (len(CLASSES), X, Y, Z) uint8, partial volume of each class as a share of ``WHOLE``.
        texture: (2, X, Y, Z) float16, unit-variance fields that modulate the tissue: fine, and wide.
        brain_mask: (X, Y, Z) uint8 share of ``WHOLE``, all within the outer CSF rim, above the foramen.
        spacing: mm per voxel, isotropic.
        origin: mm of voxel (0, 0, 0).
    """

    classes: Tensor
    texture: Tensor
    brain_mask: Tensor
    spacing: float
    origin: tuple[float, float, float]


def paint(
    atlas: Atlas, fields: dict[str, Tensor], origin: tuple[float, float, float], finer: int, spacing: float
) -> Head:
    """Paint the fine grid from coarse fields, a few planes at a time so that they stay in a core's cache.

    Args:
        atlas: the template, whose tissue maps are sampled once, here.
        fields: name to (X, Y, Z) values on the coarse grid; see ``phantom.make_head``.
        origin: mm of the first node of both grids, which also share the last.
        finer: fine voxels to a coarse one.
        spacing: mm between fine nodes.

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
    for cell in range(nodes[0] - 1):
        planes = finer + (cell == nodes[0] - 2)  # the last cell has its far border, too
        slab = slice(finer * cell, finer * cell + planes)
        along = (torch.arange(planes) / finer).view(-1, 1, 1, 1)
        fine = coarse[cell] + along * (coarse[cell + 1] - coarse[cell])
        fine = F.interpolate(fine, size=shape[1:], mode="bilinear", align_corners=True)
        named = dict(zip(names, fine.unbind(1), strict=True))
        parts, mask = _classes(atlas, named, spacing)
        for k, part in enumerate(parts):
            classes[k, slab] = part * WHOLE + 0.5
        brain_mask[slab] = mask * WHOLE + 0.5
        texture[0, slab], texture[1, slab] = named["texture_fine"], named["texture_wide"]
    return Head(classes, texture, brain_mask, spacing, origin)


def _classes(atlas: Atlas, f: dict[str, Tensor], spacing: float) -> tuple[list[Tensor], Tensor]:
    """Partial volumes of one slab in the order of ``CLASSES``, and its brain mask."""

    def within(distance: Tensor) -> Tensor:
        return (0.5 - distance / spacing).clamp(0, 1)

    cavity = within(f["inner"])
    vault = within(f["bone"])
    head = torch.maximum(within(f["surface"]), vault)
    under_skin = torch.minimum(within(f["surface"] + SKIN), head)
    under_fat = torch.minimum(within(f["surface"] + f["fat_depth"]), under_skin)
    eye = within(f["eye"]) * (1 - vault)
    lens = within(f["lens"])
    shown = (1 - vault) * (1 - eye)
    soft = under_fat * shown
    planes = (2 * f["fat_planes"] - 2.2).clamp(0, 1)  # fat between the muscles
    light = (0.5 + 2 * f["muscle"]).clamp(0, 1)

    brain = [torch.zeros_like(cavity) for _ in BRAIN]
    where = cavity.flatten().nonzero()[:, 0]
    if len(where):
        tissue = _tissue(atlas, {k: v.flatten()[where] for k, v in f.items()}, spacing)
        share = cavity.flatten()[where]
        for volume, part in zip(brain, tissue, strict=True):
            volume.view(-1)[where] = part * share
    fat, muscle = (under_skin - under_fat) * shown + soft * planes, soft * (1 - planes)
    parts = [
        *brain,
        vault - cavity,
        fat,
        (head - under_skin) * shown,
        muscle * light,
        muscle * (1 - light),
        eye * (1 - lens),
        eye * lens,
    ]
    return parts, cavity * (f["template_z"] > FORAMEN)


def _tissue(atlas: Atlas, f: dict[str, Tensor], spacing: float) -> list[Tensor]:
    """Shares (N,) of CSF, cortex, white, deep grey and myelinated matter at N points in the skull."""
    points = torch.stack([f["template_x"], f["template_y"], f["template_z"]])
    grey, white = sample(atlas.tissue, points[:, :, None, None], 1.0, atlas.origin)[:, :, 0, 0]
    solid = grey + white
    # Distance to the nearest sulcal sheet, no closer than the sulcus is deep.
    pial = f["wave"].abs() / f["slope"] + (-f["hull"] - f["sulcus_depth"]).clamp(min=0)
    soften = max(0.8, spacing)
    sulcus = f["mantle"] * (0.5 + (f["sulcus_width"] - pial) / soften).clamp(0, 1)
    ribbon = f["mantle"] * (0.5 + (f["thickness"] - pial) / soften).clamp(0, 1)
    gap = 0.95 * f["fissure"] * torch.exp(-((f["template_x"] / 1.3) ** 2))
    csf = 1 - (1 - (1.3 * (1 - solid) - 0.15).clamp(0, 1)) * (1 - sulcus) * (1 - gap)
    cortex = (0.5 + 1.6 * (grey / solid.clamp(min=1e-3) - 0.5)).clamp(0, 1)  # sharper than the average brain
    cortex = 1 - (1 - cortex) * (1 - ribbon)
    grey, white = (1 - csf) * cortex, (1 - csf) * (1 - cortex)
    return [csf, grey * (1 - f["deep"]), white * (1 - f["myelin"]), grey * f["deep"], white * f["myelin"]]
