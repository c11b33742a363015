"""Parts of an evaluation to be looked at one by one: by the scan's contrast, by the lesion's contrast, by its place."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Columns = dict[str, Any]
"""One list or tensor (N,) for each name, see :class:`scripts.evaluation.collect.CollectScores`."""


class Bins(NamedTuple):
    """How lesions are told apart: by a column, its inner edges, and the names of the parts from low to high.

    A part without a name is left out.
    """

    column: str
    edges: tuple[float, ...]
    names: tuple[str, ...]


THIRDS = (1 / 3, 2 / 3)
GROUPS: dict[str, Bins | None] = {
    "scan": None,
    "contrast": Bins("contrast", (1.0, 1.5, 2.0), ("below 1 sd", "1 to 1.5 sd", "1.5 to 2 sd", "above 2 sd")),
    "contrast, all but the faint": Bins("contrast", (1.0,), ("", "1 sd and above")),
    "from the midline": Bins("lateral_position", THIRDS, ("inner third", "middle third", "outer third")),
    "from the back": Bins("anterior_position", THIRDS, ("back third", "middle third", "front third")),
}
"""The groupings by name. ``scan`` is by the BIDS suffix of the scan's name. A contrast is in standard deviations of the
brain's intensities, brighter or darker."""


def split(columns: Columns, name: str) -> dict[str, Columns]:
    """Part the rows of an evaluation.

    Args:
        columns: of all rows.
        name: of :data:`GROUPS`.

    Returns:
        The columns of each part that holds a lesion, by its name. Normal and bilateral slices belong to the part of
        their scan, or where lesions are told apart, which they lack, to every part.

    Raises:
        ValueError: if there is no such grouping; the message lists those there are.
    """
    if name not in GROUPS:
        raise ValueError(f"There is no grouping {name!r}. Choose one of: {', '.join(GROUPS)}.")
    lesion_type, bins = np.array(columns["lesion_type"]), GROUPS[name]
    symmetric = (lesion_type == "normal") | np.char.startswith(lesion_type, "bilateral")
    if bins is None:
        part = np.array([_suffix(case) for case in columns["case"]])
        parts, shared = sorted(set(part.tolist())), np.zeros_like(symmetric)
    else:
        part = np.array(bins.names)[np.digitize(np.asarray(columns[bins.column], dtype=float), bins.edges)]
        parts, shared = [name for name in bins.names if name], symmetric
    wanted = {one: part == one for one in parts}
    return {one: _only(columns, shared | here) for one, here in wanted.items() if (here & ~symmetric).any()}


def _suffix(case: str) -> str:
    found = re.search(r"_([A-Za-z]\w*w)$", case)
    return found[1] if found else "other"


def _only(columns: Columns, rows: NDArray[np.bool_]) -> Columns:
    return {name: np.asarray(values)[rows].tolist() for name, values in columns.items()}
