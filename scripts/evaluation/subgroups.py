"""Subgroups of an evaluation: by the scan's sequence, or by the lesion's contrast or position."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Table = dict[str, Any]
"""One list or tensor (N,) for each column, see :class:`scripts.evaluation.collect.Columns`."""


class Bins(NamedTuple):
    """How lesions are divided into subgroups.

    Attributes:
        column: the column that decides.
        edges: inner edges of the bins, from low to high.
        names: of the subgroups, from low to high. A subgroup without a name is omitted.
    """

    column: str
    edges: tuple[float, ...]
    names: tuple[str, ...]


THIRDS = (1 / 3, 2 / 3)
GROUPS: dict[str, Bins | None] = {
    "scan": None,
    "contrast": Bins("contrast", (1.0, 1.5, 2.0), ("below 1 sd", "1 to 1.5 sd", "1.5 to 2 sd", "above 2 sd")),
    "contrast of 1 sd and above": Bins("contrast", (1.0,), ("", "1 sd and above")),
    "from the midline": Bins("lateral_position", THIRDS, ("inner third", "middle third", "outer third")),
    "from the back": Bins("anterior_position", THIRDS, ("back third", "middle third", "front third")),
}
"""The groupings by name. ``scan`` is by the BIDS suffix of the scan's name. A contrast is in standard deviations of the
brain's intensities, brighter or darker."""


def split(columns: Table, name: str) -> dict[str, Table]:
    """Split the rows of an evaluation into subgroups.

    Args:
        columns: of all rows.
        name: a key of :data:`GROUPS`.

    Returns:
        The columns of each subgroup with a lesion, by its name. Normal and bilateral slices have no single lesion. They
        belong to the subgroup of their scan, or to every subgroup where lesions decide.

    Raises:
        ValueError: if there is no such grouping; the message lists the known ones.
    """
    if name not in GROUPS:
        raise ValueError(f"There is no grouping {name!r}. Choose one of: {', '.join(GROUPS)}.")
    lesion_type, bins = np.array(columns["lesion_type"]), GROUPS[name]
    symmetric = (lesion_type == "normal") | np.char.startswith(lesion_type, "bilateral")
    if bins is None:
        group = np.array([sequence(case) for case in columns["case"]])
        groups, shared = sorted(set(group.tolist())), np.zeros_like(symmetric)
    else:
        group = np.array(bins.names)[np.digitize(np.asarray(columns[bins.column], dtype=float), bins.edges)]
        groups, shared = [name for name in bins.names if name], symmetric
    rows = {part: group == part for part in groups}
    return {part: _select(columns, shared | own) for part, own in rows.items() if (own & ~symmetric).any()}


def sequence(case: str) -> str:
    """Return the BIDS suffix of a scan's name (``T1w``, ``T2w``, …); "other" if it has none."""
    match = re.search(r"_([A-Za-z]\w*w)$", case)
    return match[1] if match else "other"


def _select(columns: Table, rows: NDArray[np.bool_]) -> Table:
    return {name: np.asarray(values)[rows].tolist() for name, values in columns.items()}
