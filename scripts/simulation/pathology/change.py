"""What a pathology does to one half of a head: it moves tissue and lays signals on it."""

from __future__ import annotations

from dataclasses import dataclass, field

import torch
from torch import Tensor

from .anatomy import Half


@dataclass(frozen=True)
class Layer:
    """A signal that is laid on a half of a head, after its tissue has moved.

    Attributes:
        cover: (X, Y, Z) how much of each place it covers, 0 to 1.
        signal: by contrast, shares of the steps from white matter to fluid and to grey matter, see ``Levels.of``.
        keep: share of the anatomy below that stays visible.
        tissue_only: leave fluid as it is.
        texture: strength of an uneven signal, as a share of white matter.
        only: ``darker`` or ``brighter`` parts below are changed, those on the other side of the signal stay.
    """

    cover: Tensor
    signal: dict[str, tuple[float, float]]
    keep: float = 0.0
    tissue_only: bool = False
    texture: float = 0.0
    only: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Change:
    """All that a pathology does to one half.

    Attributes:
        truth: (X, Y, Z) how much of each place it changes, 0 to 1, after tissue has moved.
        layers: signals, in order.
        displacement: (3, X, Y, Z) mm, see :func:`.flow.flow`; None moves nothing.
        outline: the surface of the brain moves, too, and what lies around it.
        volume_ml: where the pathology is a gain or loss of volume, how much; else it is the volume of the truth.
    """

    truth: Tensor
    layers: tuple[Layer, ...] = ()
    displacement: Tensor | None = None
    outline: bool = False
    volume_ml: float | None = None


def cover(half: Half, distance: Tensor, soft: float = 0.0) -> Tensor:
    """Turn a signed distance in mm, negative inside, into a partial volume in the brain.

    Args:
        half: of the head.
        distance: (X, Y, Z).
        soft: width of a blurred border, mm, in addition to a node's size.
    """
    return (0.5 - distance / (half.step + soft)).clamp(0, 1) * (half.depth > 0)


FLUID = {"T1": (1.0, 0.0), "T2": (1.0, 0.0)}
TISSUE = {"T1": (0.0, 1.0), "T2": (0.0, 1.0)}
"""Signals of cerebrospinal fluid and of grey matter."""

BLOOD = {"T1": (0.0, 3.0), "T2": (0.0, 1.9)}
"""Blood after some days to weeks: bright on T1, dark on T2."""

SWOLLEN = {"T1": (0.55, 0.0), "T2": (0.3, 0.0)}
"""Tissue full of water: darker on T1, brighter on T2."""


def random_field(half: Half, generator: torch.Generator, size: float) -> Tensor:
    """Return a smooth random field (X, Y, Z) of about unit variance that does not depend on the grid.

    Args:
        half: of the head.
        generator: of the random numbers.
        size: of its bumps, mm.
    """
    nodes = int(160 / size) + 2
    values = torch.randn(1, 1, nodes, nodes, nodes, generator=generator)
    grid = torch.stack([c / 80 for c in reversed(half.xyz)], dim=-1)[None]
    out = torch.nn.functional.grid_sample(values, grid, align_corners=True, padding_mode="reflection")
    return out[0, 0] * 1.6  # interpolation lowers the variance


def grown_to(half: Half, distance: Tensor, millilitres: float, within: Tensor) -> Tensor:
    """Shift a signed distance so that its inside has a volume, as far as there is room.

    Args:
        half: of the head.
        distance: (X, Y, Z) mm, lower inside.
        millilitres: the volume.
        within: bool, where it may lie.
    """
    values = distance[within].sort().values
    count = min(max(round(millilitres * 1000 / half.step**3), 1), len(values)) - 1
    shifted = distance - values[count] - 1e-3
    return torch.where(within, shifted, torch.maximum(shifted, torch.tensor(0.5 * half.step)))
