"""The figures of an evaluation. This module holds what they share: line styles, sizes and saving.

matplotlib is heavy, and only evaluations draw: it is imported where a figure is made.
"""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import Any

from ...atomic_write import atomic_file

LINES: tuple[dict[str, Any], ...] = (
    {"color": "#0072B2", "marker": "o", "linestyle": "-"},
    {"color": "#D55E00", "marker": "s", "linestyle": "--"},
    {"color": "#009E73", "marker": "D", "linestyle": "-."},
    {"color": "#CC79A7", "marker": "v", "linestyle": (0, (1, 1))},
    {"color": "#E69F00", "marker": "P", "linestyle": (0, (5, 1, 1, 1, 1, 1))},
    {"color": "#000000", "marker": "X", "linestyle": (0, (7, 2))},
    {"color": "#56B4E9", "marker": "^", "linestyle": (0, (3, 1, 1, 1))},
)
"""The colours of Okabe & Ito, which colour-blind readers can tell apart. Each has its own marker and dash for print."""

LESION_TYPES: dict[str, dict[str, Any]] = {
    **dict(zip(("physical", "painted", "soft", "volume"), LINES, strict=False)),
    "zero": {"color": "#555555", "marker": "^", "linestyle": ":"},
}
"""The line of each lesion type, the same in every figure."""

OTHER: dict[str, Any] = {"color": "black", "marker": "x", "linestyle": (0, (7, 2))}
"""The line of any other lesion type."""

SIZES = {"side_mm": "side of the lesion (mm)", "area_mm2": "area of the lesion (mm²)"}
"""Label of an axis of sizes, by scale."""

NOTE_SIZE = 7
"""Font size of the note under a figure, in points."""

LETTERS_PER_INCH = 18
"""Width of the note's letters."""


def canvas(width: float, height: float) -> Any:
    """Return an empty figure that needs no display; width and height in inches."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), layout="constrained")
    FigureCanvasAgg(figure)
    return figure


def save(figure: Any, path: Path, note: str) -> None:
    """Write a figure as PNG, atomically, with ``note`` under it."""
    letters = int(LETTERS_PER_INCH * figure.get_size_inches()[0])
    figure.supxlabel("\n".join(textwrap.fill(line, letters) for line in note.splitlines()), fontsize=NOTE_SIZE)
    with atomic_file(path) as partial:
        figure.savefig(partial, dpi=150, format="png")
