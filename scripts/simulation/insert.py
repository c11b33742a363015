"""Insert lesions into pairs of hemispheres, and return where the pairs are now asymmetric."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from .lesion import Lesions, distance_to_outline, half_extent, lesion_centres, pixel_coverage
from .lesion_types import LESION_TYPES, LesionGeometry, lesion_mask


def insert_lesions(
    pairs: Tensor,
    lesion_types: Sequence[str],
    lesions: Lesions,
    scale: str,
    contrast: tuple[float, float],
    pixel_mm: float,
    point_spread_mm: float,
) -> tuple[Tensor, Tensor]:
    """Insert one lesion into each pair.

    Args:
        pairs: (N, 2, H, W), background 0.
        lesion_types: names of :data:`scripts.simulation.lesion_types.LESION_TYPES`, one for each pair.
        lesions: N lesions.
        scale: what the lesions' sizes mean: ``side_mm`` or ``area_mm2``.
        contrast: smallest and largest contrast, in standard deviations of the brain's intensities.
        pixel_mm: size of a pixel in mm.
        point_spread_mm: standard deviation of the image's blur in mm.

    Returns:
        The pairs with lesions, and the lesion masks, both (N, 2, H, W). Normal and bilateral pairs have empty masks.
    """
    device = pairs.device
    lesions = Lesions(*(value.to(device) for value in vars(lesions).values()))
    bilateral = torch.tensor(
        [bool(lesion_type and lesion_type.bilateral) for lesion_type in map(LESION_TYPES.get, lesion_types)],
        device=device,
    )
    brain = pairs != 0  # (N, 2, H, W)
    index = torch.arange(len(pairs), device=device)
    own, opposite = brain[index, lesions.channel], brain[index, 1 - lesions.channel]
    extent = half_extent(lesions, scale, pixel_mm)
    centre = lesion_centres(lesions, torch.where(bilateral[:, None, None], own & opposite, own), extent)
    distance = distance_to_outline(lesions, centre, extent, (pairs.shape[2], pairs.shape[3]))
    geometry = LesionGeometry(
        distance=distance,
        covered=pixel_coverage(distance),
        centre=centre,
        extent=extent,
        strength=lesions.strength,
        sign=torch.where(lesions.sign < 0.5, -1.0, 1.0),
        contrast=contrast,
        point_spread=point_spread_mm / pixel_mm,
    )
    changed, mask = pairs.clone(), torch.zeros_like(pairs)
    for name in dict.fromkeys(lesion_types):
        lesion_type = LESION_TYPES[name]
        if lesion_type is None:
            continue
        rows = torch.tensor([k == name for k in lesion_types], device=device).nonzero().flatten()
        lesion, channel = geometry[rows], lesions.channel[rows]
        for hemisphere in (channel, 1 - channel) if lesion_type.bilateral else (channel,):
            before = pairs[rows, hemisphere]
            changed[rows, hemisphere] = torch.where(brain[rows, hemisphere], lesion_type.change(before, lesion), before)
        if not lesion_type.bilateral:
            mask[rows, channel] = (lesion_mask(lesion.covered) & brain[rows, channel]).to(mask.dtype)
    return changed, mask
