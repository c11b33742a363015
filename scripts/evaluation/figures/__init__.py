"""The figures of an evaluation; here what they share: lines told apart in grey and by the colour-blind, and saving.

matplotlib is heavy, and only evaluation draws: it is imported where a figure is made.
"""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import Any

from ...atomic_write import whole_file

LINES: tuple[dict[str, Any], ...] = (
    {"color": "#0072B2", "marker": "o", "linestyle": "-"},
    {"color": "#D55E00", "marker": "s", "linestyle": "--"},
    {"color": "#009E73", "marker": "D", "linestyle": "-."},
    {"color": "#CC79A7", "marker": "v", "linestyle": (0, (1, 1))},
    {"color": "#E69F00", "marker": "P", "linestyle": (0, (5, 1, 1, 1, 1, 1))},
    {"color": "#000000", "marker": "X", "linestyle": (0, (7, 2))},
    {"color": "#56B4E9", "marker": "^", "linestyle": (0, (3, 1, 1, 1))},
)
"""Okabe & Ito's colours, each with a marker and a dash of its own."""

LESION_TYPES: dict[str, dict[str, Any]] = {
    **dict(zip(("physical", "painted", "soft", "volume"), LINES, strict=False)),
    "zero": {"color": "#555555", "marker": "^", "linestyle": ":"},
}
"""The line of each kind of lesion, the same in every figure."""

OTHER: dict[str, Any] = {"color": "black", "marker": "x", "linestyle": (0, (7, 2))}
"""The line of a kind that has none of its own."""

SIZES = {"side_mm": "side of the lesion (mm)", "area_mm2": "area of the lesion (mm²)"}
"""What an axis of sizes is called, by scale."""


NOTE_SIZE = 7
"""Points of the note under a figure."""

LETTERS_AN_INCH = 18
"""Of the note."""


def canvas(width: float, height: float) -> Any:
    """Return an empty figure, width and height in inches, that needs no display."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), layout="constrained")
    FigureCanvasAgg(figure)
    return figure


def save(figure: Any, path: Path, note: str) -> None:
    """Write a PNG, whole or not at all, with ``note`` under the figure."""
    letters = int(LETTERS_AN_INCH * figure.get_size_inches()[0])
    figure.supxlabel("\n".join(textwrap.fill(line, letters) for line in note.splitlines()), fontsize=NOTE_SIZE)
    with whole_file(path) as partial:
        figure.savefig(partial, dpi=150, format="png")
