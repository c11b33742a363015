"""What the evidence says to one who is told where to look: what is missed beyond that is the price of searching."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

Told = list[float | None]


def known_location_scores(
    pred: Tensor, label: Tensor, lesion_types: Sequence[str], rows: Sequence[int]
) -> tuple[Told, Told]:
    """Read the evidence at the place of each lesion, in the slice that has it and in the same slice without.

    Who knows half, place and outline need not search: the highest of the false alarms anywhere else does not count
    against the lesion. How much detection loses by a growing number of possible places: Eckstein & Whiting 1996,
    doi:10.1364/JOSAA.13.001777.

    Args:
        pred: evidence (N, 2, H, W).
        label: lesion masks (N, 2, H, W).
        lesion_types: of the N slices; "normal" is the slice without.
        rows: the slice that each of the N was made of.

    Returns:
        The mean evidence within the outline, with the lesion and without, for each of the N; None where there is no
        lesion, or no normal slice to compare with.
    """
    place = label > 0
    normal = {
        row: index
        for index, (lesion_type, row) in enumerate(zip(lesion_types, rows, strict=True))
        if lesion_type == "normal"
    }
    here = torch.tensor([normal.get(row, -1) for row in rows], device=pred.device)
    comparable = place.flatten(1).any(1) & (here >= 0)
    with_lesion, without = (
        ((evidence * place).flatten(1).sum(1) / place.flatten(1).sum(1).clamp(min=1)).tolist()
        for evidence in (pred, pred[here])
    )
    told = comparable.tolist()
    return (
        [value if known else None for value, known in zip(with_lesion, told, strict=True)],
        [value if known else None for value, known in zip(without, told, strict=True)],
    )
