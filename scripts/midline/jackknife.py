"""The standard error of a plane detected by symmetry: it is detected again without one part of the brain at a time."""

from __future__ import annotations

import numpy as np
import torch

from .ascent import paraboloid_top

__all__ = ["jackknife_error"]

BLOCKS = 3
"""Blocks along the anterior and along the superior axis of the head; a slice has their square along anterior."""


def jackknife_error(
    points: torch.Tensor, agreement: torch.Tensor, weight: torch.Tensor, is_slice: bool = False
) -> np.ndarray:
    """Estimate the standard error of a plane by the delete-one-block jackknife.

    Neighbouring pairs share their asymmetry, so that blocks are left out, not single pairs. This estimates the error by
    the brain's own asymmetry, lesions and noise. If the search has failed altogether, another candidate shows it (see
    ``find_plane``).

    Source: Kuensch 1989, "The jackknife and the bootstrap for general stationary observations", Ann. Statist.
    17:1217, doi:10.1214/aos/1176347265.

    Args:
        points: (N, 3) in the head's own axes, mm.
        agreement: (3^n, N) under the plane's neighbours, in the order of ``ascent.neighbours``.
        weight: (3^n, N) of each pair.
        is_slice: n = 2, with blocks along the anterior axis alone.

    Returns:
        (n,) standard errors, in steps of the neighbours.
    """
    blocks = _parts(points[:, 1], BLOCKS**2) if is_slice else BLOCKS * _parts(points[:, 1]) + _parts(points[:, 2])
    member = torch.nn.functional.one_hot(blocks, BLOCKS**2).double()
    total, mass = (agreement * weight).double() @ member, weight.double() @ member
    kept = mass.sum(dim=1, keepdim=True) - mass
    scores = ((total.sum(dim=1, keepdim=True) - total) / kept.clamp_min(1e-9)).cpu().numpy()
    # A function without a maximum says nothing about the plane: the error is one step at least.
    tops = np.nan_to_num([paraboloid_top(column) for column in scores.T], nan=1.0)
    return np.sqrt((1 - 1 / len(tops)) * np.square(tops).sum(axis=0))


def _parts(values: torch.Tensor, count: int = BLOCKS) -> torch.Tensor:
    """Divide values into ``count`` equally large parts, and return the number of each value's part."""
    edges = torch.quantile(values, torch.linspace(0, 1, count + 1, device=values.device)[1:-1])
    return torch.bucketize(values.contiguous(), edges)
