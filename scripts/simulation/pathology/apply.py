"""Bring the changes of a canvas to the voxels of a scan, and leave every other voxel as it is, to the last bit.

The scan is taken apart into structure and noise. Structure moves with the tissue and takes the new signals; noise stays
where it is. So the texture of the scan is the same inside and outside of a pathology.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import torch
from torch import Tensor

from ...blur import blur
from .anatomy import Anatomy
from .canvas import Canvas, affine_sample, sample
from .change import Change, Layer
from .levels import Levels

LEAST_MOVE = 0.02
"""A displacement below this many mm is none."""

LEAST_COVER = 0.004
"""A cover below this is none."""

CANVAS_SOFT = 0.35
"""Standard deviation of the blur by the canvas itself, as a share of its step."""

SPACE = (-3, -2, -1)


def crop_of(canvas: Canvas, changes: Mapping[str, Change], shape: Sequence[int]) -> tuple[slice, ...] | None:
    """Return the box of voxels that the changes reach, with room for their sources; None if nothing changes."""
    corners, reach = [], 0.0
    for side, change in changes.items():
        active = sum(layer.cover for layer in change.layers) + torch.zeros_like(change.truth) > LEAST_COVER
        if change.displacement is not None:
            moved = change.displacement.abs().amax(0)
            active = active | (moved > LEAST_MOVE)
            reach = max(reach, float(moved.max()))
        active = active | (change.truth > LEAST_COVER)
        if not bool(active.any()):
            continue
        spans = [active.sum(dim=others).nonzero()[[0, -1], 0] for others in ((1, 2), (0, 2), (0, 1))]
        nodes = np.stack(np.meshgrid(*(span.numpy() for span in spans), indexing="ij")).reshape(3, -1)
        matrix = canvas.to_voxel @ canvas.half_to_head(side)
        corners.append((matrix @ np.vstack([nodes, np.ones(8)]))[:3])
    if not corners:
        return None
    every = np.concatenate(corners, axis=1)
    size = np.linalg.norm(np.linalg.inv(canvas.to_voxel)[:3, :3], axis=0)
    room = np.ceil(reach / size) + 3
    low = np.maximum(np.floor(every.min(1) - room), 0).astype(int)
    high = np.minimum(np.ceil(every.max(1) + room) + 1, shape).astype(int)
    return tuple(slice(int(a), int(b)) for a, b in zip(low, high, strict=True))


def apply_changes(
    image: np.ndarray, mask: np.ndarray, anatomy: Anatomy, changes: Mapping[str, Change], seed: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray, float]:
    """Apply the change of each side.

    Args:
        image: (X, Y, Z) float32.
        mask: (X, Y, Z) bool.
        anatomy: of the head.
        changes: by side.
        seed: of uneven signals.

    Returns:
        Image, brain mask and truth, all (X, Y, Z); and the volume of the truth, with its partial voxels, in voxels.
    """
    canvas, levels = anatomy.canvas, anatomy.levels
    image, mask, truth = image.copy(), mask.copy(), np.zeros(mask.shape, dtype=bool)
    box = crop_of(canvas, changes, image.shape)
    if box is None:
        return image, mask, truth, 0.0
    before = torch.from_numpy(np.ascontiguousarray(image[box]))
    brain = torch.from_numpy(np.ascontiguousarray(mask[box]))
    start = np.eye(4)
    start[:3, 3] = [part.start for part in box]
    size = np.linalg.norm(np.linalg.inv(canvas.to_voxel)[:3, :3], axis=0)
    structure, noise = _apart(before, brain)

    outline = any(change.outline for change in changes.values())
    shift = torch.zeros(3, *before.shape)
    to_half = {s: np.linalg.inv(canvas.half_to_head(s)) @ np.linalg.inv(canvas.to_voxel) @ start for s in changes}
    for side, change in changes.items():
        if change.displacement is not None:
            moved = affine_sample(change.displacement, to_half[side], before.shape)
            turn = canvas.to_voxel[:3, :3] @ np.diag([np.sign(canvas.half_to_head(side)[0, 0]), 1.0, 1.0])
            shift += torch.einsum("ij,jxyz->ixyz", torch.from_numpy(turn).float(), moved)
    millimetres = (shift * torch.from_numpy(size).float().view(3, 1, 1, 1)).abs().amax(0)
    changed = millimetres > LEAST_MOVE
    points = torch.stack(torch.meshgrid(*(torch.arange(n, dtype=torch.float32) for n in before.shape), indexing="ij"))
    points += shift
    new_brain = sample(brain[None].float(), points)[0] > 0.5 if outline else brain
    now = torch.where(changed, sample(structure[None], points)[0], structure)
    del points, shift

    shade = affine_sample(anatomy.shading[None], _from_voxel(canvas) @ start, before.shape)[0].clamp(min=0.5)
    volume = 0.0
    for side, change in changes.items():
        fields = [layer.cover for layer in change.layers] + [change.truth]
        sampled = affine_sample(torch.stack(fields), to_half[side], before.shape)
        softness = _softness(size, canvas.step)
        for cover, layer in zip(sampled[:-1], change.layers, strict=True):
            for axis, sigma in zip(SPACE, softness, strict=True):
                cover = blur(cover, sigma, axes=(axis,))
            cover = cover * new_brain
            changed |= cover > LEAST_COVER
            level = levels.of(layer.signal[levels.contrast]) * shade
            if layer.texture:
                uneven = affine_sample(_uneven(canvas, side, seed)[None], to_half[side], before.shape)[0]
                level = level + layer.texture * levels.white * uneven * shade
            now = _lay(now, cover, layer, levels, level, shade)
        volume += float((sampled[-1] * new_brain).sum())
        inside = (sampled[-1] >= 0.5) & new_brain
        if not bool(inside.any()):
            inside = sampled[-1] * new_brain >= (sampled[-1] * new_brain).max().clamp(min=1e-6)
        truth[box] |= inside.numpy()
    allowed = changed if outline else changed & brain
    after = torch.where(allowed, now + noise, before)
    if outline and not bool((before[~brain] != 0).any()):
        after = after * new_brain
    image[box], mask[box] = after.numpy(), new_brain.numpy()
    return image, mask, truth, volume


def _apart(image: Tensor, brain: Tensor) -> tuple[Tensor, Tensor]:
    """Take an image apart into structure and noise: what is left of a blur, where it is no larger than noise is."""
    rest = image - blur(image, 0.7, axes=SPACE)
    sigma = 1.4826 * float(rest[brain].abs().median()) if bool(brain.any()) else 1.0
    noise = rest * torch.exp(-((rest / max(2.0 * sigma, 1e-6)) ** 2)) * brain
    return image - noise, noise


def _lay(now: Tensor, cover: Tensor, layer: Layer, levels: Levels, level: Tensor, shade: Tensor) -> Tensor:
    """Lay one signal on an image."""
    step = level - now
    only = layer.only.get(levels.contrast)
    if only:
        step = step.clamp(max=0) if only == "brighter" else step.clamp(min=0)
    if layer.tissue_only:
        step = step * (1 - levels.fluid_share(now / shade))
    return now + (1 - layer.keep) * cover * step


def _uneven(canvas: Canvas, side: str, seed: int) -> Tensor:
    """Return a smooth random field on a half of the canvas, the same on both sides, of about unit variance."""
    matrix = canvas.half_to_head("right")
    half = (canvas.shape[0] - canvas.shape[0] // 2 + round(-matrix[0, 3] / canvas.step), *canvas.shape[1:])
    values = torch.randn(1, 48, 48, 48, generator=torch.Generator().manual_seed(seed))
    to_nodes = np.diag([0.25, 0.25, 0.25, 1.0]) @ matrix  # a bump each 4 mm
    to_nodes[:3, 3] += [4.0, 24.0, 24.0]
    return affine_sample(values, to_nodes, half)[0]


def _softness(size: np.ndarray, step: float) -> list[float]:
    """Blur along each axis that gives an edge of the canvas the softness of the scan's voxels, in voxels."""
    return [float(np.sqrt(max((0.5 * mm) ** 2 - (CANVAS_SOFT * step) ** 2, 0.04 * mm**2)) / mm) for mm in size]


def _from_voxel(canvas: Canvas) -> np.ndarray:
    """Return the (4, 4) map from voxels to the nodes of the whole canvas."""
    matrix = np.diag([canvas.step, canvas.step, canvas.step, 1.0])
    matrix[:3, 3] = canvas.low
    return np.linalg.inv(matrix) @ np.linalg.inv(canvas.to_voxel)
