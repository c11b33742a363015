"""Finding the brain with a small network: where and how large, then, evened out, its edge at two voxel sizes."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from .already_stripped import is_stripped, nonzero_mask
from .bias_field import bias_field
from .bounding_box import bounds
from .canvas import Canvas, draw, normalize, place, sampled, undraw
from .classic import AIR_SHARE
from .edge import snap_to_edge
from .largest_component import one_part
from .network import StripNetwork

WEIGHTS = Path(__file__).parents[2] / "models" / "skull_strip.pt"
SHA256 = "c0e78480bc8d7f3096426dd89d8c47ee27f3ffb05b6ab80740f994fe833fdaee"
"""Of the weights that ship: another file is refused."""

WHOLE, WHOLE_MARGIN = (64, 64, 64), 1.08
"""First pass: a canvas that holds all that isn't air, however large, with a margin."""

BRAIN, BRAIN_VOXEL_MM = (80, 96, 96), 2.25
"""Second pass, and third: a canvas round the brain, with the voxel size for a brain of the canonical size."""

FINER = 0.9
"""Fourth pass: the same with voxels this much smaller, averaged with the third, for rims of fluid a voxel wide."""

SURE = 8.0
"""Logits are cut here before passes are averaged, so that none outvotes the other by being surer than sure."""

CANONICAL_MM = (146.0, 182.0, 152.0)
"""Extent of the canonical brain, right, anterior and superior: an adult's."""

CANONICAL_ML = 2050.0
"""Its volume."""

AIR_QUANTILE = 0.01
"""The level of air: this quantile of all voxels, so that a few odd ones below don't matter."""

TOLERANCE = 1.2
"""A second pass whose brain is larger or smaller than the first pass's by this factor is done again, once."""


def learned_mask(image: Tensor, spacing: np.ndarray, weights: Path = WEIGHTS, sha256: str | None = None) -> Tensor:
    """Find the brain with its fluid, in any contrast and at any size, with the network that ships.

    The answer is averaged with that of the mirrored head, so that neither half is favoured, and, once a coil's field is
    divided out of what was found (``bias.bias_field``), over two voxel sizes.
    Where the fluid is bright, its outline is then moved to the skull's edge (``edge.snap_to_edge``).
    An already stripped image is kept as it is.

    Args:
        image: (X, Y, Z), axes in the order and sense right, anterior, superior.
        spacing: voxel size, mm.
        weights: a ``state_dict`` of :class:`StripNetwork`.
        sha256: of the weights; None is that of the weights that ship.

    Returns:
        (X, Y, Z) boolean on the same device, empty if no brain was found.

    Raises:
        FileNotFoundError: if there are no weights.
        ValueError: if they are not those with this sha256.
    """
    if is_stripped(image.cpu(), spacing):
        return nonzero_mask(image, spacing)
    network = load_network(str(weights), SHA256 if sha256 is None else sha256, str(image.device))
    image = image.float()
    image = (image - torch.quantile(sampled(image), AIR_QUANTILE)).clamp_(min=0)  # air is 0, as beyond the image
    empty = torch.zeros(image.shape, dtype=torch.bool, device=image.device)
    if not bool(image.any()):
        return empty
    canvas = _around_head(image, spacing)
    logits = _logits(network, draw(image, canvas))
    if not bool((logits > 0).any()):
        return empty
    centre, size = _measure(logits, canvas, spacing)
    for _ in range(2):
        canvas = place(spacing, centre, BRAIN, BRAIN_VOXEL_MM * size)
        logits = _logits(network, draw(image, canvas))
        if not bool((logits > 0).any()):
            return empty
        before = size
        centre, size = _measure(logits, canvas, spacing)
        if 1 / TOLERANCE < size / before < TOLERANCE:
            break
    image /= undraw(bias_field(draw(image, canvas), logits > 0), canvas, image.shape, outside=1.0)
    finer = place(spacing, centre, BRAIN, FINER * BRAIN_VOXEL_MM * size)
    logits = _undraw(_logits(network, draw(image, canvas)), canvas, image.shape)
    logits += _undraw(_logits(network, draw(image, finer)), finer, image.shape)
    found = one_part(logits > 0)
    del logits  # as large as the scan, and so is what comes
    moved = snap_to_edge(image, found, spacing, size)
    return moved if moved is found else one_part(moved)


@lru_cache(maxsize=4)
def load_network(path: str, sha256: str, device: str = "cpu") -> StripNetwork:
    """Read the network, once per process and device.

    Args:
        path: of its ``state_dict``.
        sha256: that the file must have.
        device: to put it on.
    """
    file = Path(path)
    if not file.exists():
        raise FileNotFoundError(
            f"{file}: the weights of the learned skull strip are missing. Get them with the bundle (models/), or use "
            "the method 'classic', which needs none."
        )
    found = hashlib.sha256(file.read_bytes()).hexdigest()
    if found != sha256:
        raise ValueError(
            f"{file}: expected the sha256 {sha256}, found {found}. The file is another or damaged: get it again, or "
            "use the method 'classic', which needs no weights."
        )
    with torch.random.fork_rng(devices=[]):  # a training must not depend on whether a scan was stripped before it
        network = StripNetwork()
    network.load_state_dict(torch.load(file, map_location="cpu", weights_only=True))
    return network.requires_grad_(False).eval().to(device)


def _around_head(image: Tensor, spacing: np.ndarray) -> Canvas:
    """A canvas round all that isn't air."""
    extent = np.array(image.shape) * spacing
    whole = place(spacing, np.array(image.shape) / 2, WHOLE, float(extent.max()) / min(WHOLE))
    low, high = bounds(normalize(draw(image, whole)) > AIR_SHARE)
    step = np.array(whole.length) / whole.size
    centre = np.array(whole.start) + (low + high) / 2 * step
    voxel = float(((high - low) * step * spacing).max()) * WHOLE_MARGIN / min(WHOLE)
    return place(spacing, centre, WHOLE, voxel)


@torch.no_grad()
def _logits(network: StripNetwork, drawn: Tensor) -> Tensor:
    """Logits (X, Y, Z) of one brain without holes; averaged with those of the mirror image."""
    drawn = normalize(drawn)
    # One after the other: both at once would take twice the memory, and no less time.
    found, mirrored = (network(view[None, None])[0, 0] for view in (drawn, drawn.flip(0)))
    logits = (found + mirrored.flip(0)) / 2
    return torch.where(one_part(logits > 0) != (logits > 0), -logits, logits)


def _undraw(logits: Tensor, canvas: Canvas, shape: Sequence[int]) -> Tensor:
    return undraw(logits, canvas, shape, outside=float(logits.min())).clamp_(-SURE, SURE)


def _measure(logits: Tensor, canvas: Canvas, spacing: np.ndarray) -> tuple[np.ndarray, float]:
    """Centre of a brain in image voxels, and its size as a share of the canonical one's."""
    brain = logits > 0
    low, high = bounds(brain)
    step = np.array(canvas.length) / canvas.size
    centre = np.array(canvas.start) + (low + high) / 2 * step
    volume = float(brain.sum()) * float(np.prod(step * spacing)) / 1000
    extents = (high - low) * step * spacing / CANONICAL_MM
    # A field of view that cuts a brain shortens its volume and an extent, but seldom two.
    return centre, max((volume / CANONICAL_ML) ** (1 / 3), 0.95 * float(np.median(extents)))
