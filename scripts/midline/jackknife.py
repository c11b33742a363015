"""How far a plane found by symmetry may be off: it is found again with one part of the brain left out at a time."""

from __future__ import annotations

import numpy as np
import torch

from .ascent import paraboloid_top

__all__ = ["jackknife_error"]

BLOCKS = 3
"""Parts along the head's front-back and along its up-down axis; a slice has their square along front-back."""


def jackknife_error(
    points: torch.Tensor, agreement: torch.Tensor, weight: torch.Tensor, is_slice: bool = False
) -> np.ndarray:
    """Estimate the standard error of a plane by the delete-one-block jackknife.

    Neighbouring pairs share their asymmetry, so that whole blocks are left out, not pairs. What is estimated is
    the error by the brain's own asymmetry, lesions and noise; a search that went astray altogether shows in its
    rival (see ``find_plane``).

    Source: Kuensch 1989, "The jackknife and the bootstrap for general stationary observations", Ann. Statist.
    17:1217, doi:10.1214/aos/1176347265.

    Args:
        points: (N, 3) in the head's own axes, mm.
        agreement: (3^n, N) of the plane's neighbours, in the order of ``neighbours``.
        weight: (3^n, N) of each pair.
        is_slice: n = 2, blocks along the front-back axis alone.

    Returns:
        (n,) standard errors in steps of the neighbours.
    """
    blocks = _parts(points[:, 1], BLOCKS**2) if is_slice else BLOCKS * _parts(points[:, 1]) + _parts(points[:, 2])
    member = torch.nn.functional.one_hot(blocks, BLOCKS**2).double()
    likeness, mass = (agreement * weight).double() @ member, weight.double() @ member
    kept = mass.sum(dim=1, keepdim=True) - mass
    scores = ((likeness.sum(dim=1, keepdim=True) - likeness) / kept.clamp_min(1e-9)).cpu().numpy()
    # A function without a top says nothing about the plane: one step at least.
    tops = np.nan_to_num([paraboloid_top(column) for column in scores.T], nan=1.0)
    return np.sqrt((1 - 1 / len(tops)) * np.square(tops).sum(axis=0))


def _parts(values: torch.Tensor, count: int = BLOCKS) -> torch.Tensor:
    """The number of each value's part, 0 to count - 1, all parts alike in size."""
    edges = torch.quantile(values, torch.linspace(0, 1, count + 1, device=values.device)[1:-1])
    return torch.bucketize(values.contiguous(), edges)
