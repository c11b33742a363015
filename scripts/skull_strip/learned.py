"""Skull stripping with a small network: first the brain's position and size, then its outline at two voxel sizes."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from functools import lru_cache, partial
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from .already_stripped import has_rim, is_stripped, nonzero_mask
from .bias_field import bias_field
from .bounding_box import bounds
from .canvas import Canvas, centred_canvas, from_canvas, normalize, sampled, to_canvas
from .classic import AIR_SHARE
from .edge import snap_to_edge
from .largest_component import largest_component
from .network import StripNetwork

WEIGHTS = Path(__file__).parents[2] / "models" / "skull_strip.pt"
SHA256 = "22587ed1977943ef9c9c579dfdecb6ce15ffb072db9286510a70a656dffe6c67"
"""SHA-256 of the weights that ship; any other file is refused."""

HEAD, HEAD_MARGIN = (64, 64, 64), 1.08
"""First pass: a canvas of this size that holds everything but air, however large, with a margin (a factor)."""

BRAIN, BRAIN_VOXEL_MM = (80, 96, 96), 2.25
"""Second and third pass: a canvas around the brain, and its voxel size for a brain of the canonical size."""

FINER = 0.9
"""Fourth pass: the same with voxels smaller by this factor, averaged with the third, for fluid one voxel thick."""

LARGEST_LOGIT = 8.0
"""Logits are clipped here before passes are averaged, so that no pass outvotes the other."""

CANONICAL_MM = (146.0, 182.0, 152.0)
"""Extent of the canonical brain, an adult's, along right, anterior and superior."""

CANONICAL_ML = 2050.0
"""Volume of the canonical brain."""

AIR_QUANTILE = 0.01
"""The level of air: this quantile of all voxels, so that a few outliers below don't matter."""

TOLERANCE = 1.2
"""If the size of the brain changes by more than this factor in the second pass, that pass is repeated, once."""


def learned_mask(image: Tensor, spacing: np.ndarray, weights: Path = WEIGHTS, expected: str | None = None) -> Tensor:
    """Segment the brain with its fluid, in any contrast and at any size, with a network.

    An image that was stripped before stays as it is, unless a rim of scalp was left around the brain: then it is
    stripped again (``already_stripped.has_rim``).

    Args:
        image: (X, Y, Z), axes in the order right, anterior, superior.
        spacing: voxel size, mm.
        weights: file with a ``state_dict`` of :class:`StripNetwork`.
        expected: SHA-256 that the file must have; None is that of the weights that ship.

    Returns:
        (X, Y, Z) boolean on the same device, empty if there is no brain.

    Raises:
        FileNotFoundError: if there are no weights.
        ValueError: if the file has another SHA-256.
    """
    network = load_network(str(weights), SHA256 if expected is None else expected, str(image.device))
    if not is_stripped(image.cpu(), spacing):
        return _segment(network, image, spacing, whole_head=True)
    stripped = nonzero_mask(image, spacing)
    brain = _segment(network, image, spacing, whole_head=False) & stripped
    return brain if has_rim(stripped.cpu(), brain.cpu(), spacing) else stripped


def own_weights(path: str) -> Callable[[Tensor, np.ndarray], Tensor]:
    """Return :func:`learned_mask` with other weights than those that ship.

    Args:
        path: file with a ``state_dict`` of :class:`StripNetwork`, as a training of the skull strip writes it.

    Raises:
        FileNotFoundError: if there is no such file.
    """
    return partial(learned_mask, weights=Path(path), expected=sha256(Path(path)))


def sha256(file: Path) -> str:
    """Return the SHA-256 of a file of weights.

    Raises:
        FileNotFoundError: if there is no such file; the message says where to get it.
    """
    if not file.exists():
        raise FileNotFoundError(
            f"{file}: the weights of the learned skull strip are missing. Get them with the bundle (models/), or use "
            "the method 'classic', which needs none."
        )
    return hashlib.sha256(file.read_bytes()).hexdigest()


def _segment(network: StripNetwork, image: Tensor, spacing: np.ndarray, whole_head: bool) -> Tensor:
    """Find the brain's place and size, then its outline.

    The logits are averaged with those of the mirrored head, so that neither hemisphere is favoured. Once the bias field
    is divided out (``bias_field.bias_field``), they are also averaged over two voxel sizes. In a whole head with bright
    fluid, the outline is then moved to the edge of the skull (``edge.snap_to_edge``). A loosely stripped image has a
    stronger edge: its own.
    """
    image = image.float()
    image = (image - torch.quantile(sampled(image), AIR_QUANTILE)).clamp_(min=0)  # air is 0, as beyond the image
    empty = torch.zeros(image.shape, dtype=torch.bool, device=image.device)
    if not bool(image.any()):
        return empty
    canvas = _around_head(image, spacing)
    logits = _logits(network, to_canvas(image, canvas))
    if not bool((logits > 0).any()):
        return empty
    centre, size = measure_brain(logits > 0, canvas, spacing)
    for _ in range(2):
        canvas = centred_canvas(spacing, centre, BRAIN, BRAIN_VOXEL_MM * size)
        logits = _logits(network, to_canvas(image, canvas))
        if not bool((logits > 0).any()):
            return empty
        before = size
        centre, size = measure_brain(logits > 0, canvas, spacing)
        if 1 / TOLERANCE < size / before < TOLERANCE:
            break
    image /= from_canvas(bias_field(to_canvas(image, canvas), logits > 0), canvas, image.shape, outside=1.0)
    finer = centred_canvas(spacing, centre, BRAIN, FINER * BRAIN_VOXEL_MM * size)
    logits = _to_image(_logits(network, to_canvas(image, canvas)), canvas, image.shape)
    logits += _to_image(_logits(network, to_canvas(image, finer)), finer, image.shape)
    brain = largest_component(logits > 0)
    del logits  # as large as the scan, and so are the arrays to come
    moved = snap_to_edge(image, brain, spacing, size) if whole_head else brain
    return moved if moved is brain else largest_component(moved)


@lru_cache(maxsize=4)
def load_network(path: str, expected: str, device: str = "cpu") -> StripNetwork:
    """Read the network, once per process and device.

    Args:
        path: file with its ``state_dict``.
        expected: SHA-256 that the file must have.
        device: to put it on.

    Raises:
        FileNotFoundError: if there is no such file.
        ValueError: if the file has another SHA-256.
    """
    digest = sha256(Path(path))
    if digest != expected:
        raise ValueError(
            f"{path}: expected the sha256 {expected}, found {digest}. It is another file, or damaged: get it again, or "
            "use the method 'classic', which needs no weights."
        )
    with torch.random.fork_rng(devices=[]):  # a training must not depend on whether a scan was stripped before it
        network = StripNetwork()
    network.load_state_dict(torch.load(path, map_location="cpu", weights_only=True))
    return network.requires_grad_(False).eval().to(device)


def _around_head(image: Tensor, spacing: np.ndarray) -> Canvas:
    """A canvas around everything but air."""
    extent = np.array(image.shape) * spacing
    field_of_view = centred_canvas(spacing, np.array(image.shape) / 2, HEAD, float(extent.max()) / min(HEAD))
    low, high = bounds(normalize(to_canvas(image, field_of_view)) > AIR_SHARE)
    step = np.array(field_of_view.length) / field_of_view.size
    centre = np.array(field_of_view.start) + (low + high) / 2 * step
    voxel = float(((high - low) * step * spacing).max()) * HEAD_MARGIN / min(HEAD)
    return centred_canvas(spacing, centre, HEAD, voxel)


@torch.no_grad()
def _logits(network: StripNetwork, image: Tensor) -> Tensor:
    """Logits of a canvas (X, Y, Z), averaged with those of its mirror image: one connected brain without holes."""
    image = normalize(image)
    # One after the other: both at once would take twice the memory, and no less time.
    direct, mirrored = (network(view[None, None])[0, 0] for view in (image, image.flip(0)))
    logits = (direct + mirrored.flip(0)) / 2
    return torch.where(largest_component(logits > 0) != (logits > 0), -logits, logits)


def _to_image(logits: Tensor, canvas: Canvas, shape: Sequence[int]) -> Tensor:
    """Logits on the grid of the image."""
    return from_canvas(logits, canvas, shape, outside=float(logits.min())).clamp_(-LARGEST_LOGIT, LARGEST_LOGIT)


def measure_brain(brain: Tensor, canvas: Canvas, spacing: np.ndarray) -> tuple[np.ndarray, float]:
    """Measure where a brain is and how large.

    Args:
        brain: (*canvas.size) boolean.
        canvas: that it is seen on.
        spacing: voxel size of the image, mm.

    Returns:
        Centre (3,) in image voxels, and size as a share of the canonical brain's.
    """
    low, high = bounds(brain)
    step = np.array(canvas.length) / canvas.size
    centre = np.array(canvas.start) + (low + high) / 2 * step
    volume = float(brain.sum()) * float(np.prod(step * spacing)) / 1000
    extents = (high - low) * step * spacing / CANONICAL_MM
    # A field of view that cuts the brain reduces its volume and one extent, but seldom two.
    return centre, max((volume / CANONICAL_ML) ** (1 / 3), 0.95 * float(np.median(extents)))
