"""The evidence at a known location: the difference to detection without that knowledge is the price of searching."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

Values = list[float | None]
"""One value for each slice; None where there is none."""


def evidence_at_lesion(
    pred: Tensor, label: Tensor, lesion_types: Sequence[str], rows: Sequence[int]
) -> tuple[Values, Values]:
    """Average the evidence within the outline of each lesion, in the slice with it and in the same slice without.

    An observer who knows hemisphere, position and outline need not search. False positives anywhere else do not matter
    to this observer. Detection becomes harder the more positions are possible: Eckstein & Whiting 1996,
    doi:10.1364/JOSAA.13.001777.

    Args:
        pred: evidence maps (N, 2, H, W).
        label: lesion masks (N, 2, H, W).
        lesion_types: of the N slices; "normal" is the slice without a lesion.
        rows: index of the slice that each of the N was made from.

    Returns:
        The mean evidence within the outline, with the lesion and without, for each of the N. None where there is no
        lesion, or no normal slice to compare with.
    """
    lesion = label > 0
    normal = {
        row: index
        for index, (lesion_type, row) in enumerate(zip(lesion_types, rows, strict=True))
        if lesion_type == "normal"
    }
    same_slice = torch.tensor([normal.get(row, -1) for row in rows], device=pred.device)
    comparable = (lesion.flatten(1).any(1) & (same_slice >= 0)).tolist()
    with_lesion, without = (
        ((evidence * lesion).flatten(1).sum(1) / lesion.flatten(1).sum(1).clamp(min=1)).tolist()
        for evidence in (pred, pred[same_slice])
    )
    return (
        [value if known else None for value, known in zip(with_lesion, comparable, strict=True)],
        [value if known else None for value, known in zip(without, comparable, strict=True)],
    )
