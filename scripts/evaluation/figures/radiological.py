"""The radiological convention: the patient's right is on the left of a picture, and letters at its edges say so."""

from __future__ import annotations

from typing import Any

SIDES = ("R", "L")
"""Directions at the left and the right edge of an axial or coronal picture."""

FRONT_AND_BACK = ("A", "P")
"""Directions at the left and the right edge of a sagittal picture."""


def radiological(axes: Any, letters: tuple[str, str] = SIDES) -> None:
    """Mirror a picture whose x axis runs as in RAS order, from left to right or from back to front, and write letters.

    Args:
        axes: of matplotlib, with the picture drawn.
        letters: directions at the left and the right edge of the mirrored picture.
    """
    axes.invert_xaxis()
    write_letters(axes, letters)


def write_letters(axes: Any, letters: tuple[str, str] = SIDES) -> None:
    """Write two directions at the left and the right edge of a picture, legible on bright and dark."""
    from matplotlib.patheffects import withStroke

    for letter, x, anchor in zip(letters, (0.02, 0.98), ("left", "right"), strict=True):
        axes.text(
            x,
            0.5,
            letter,
            color="white",
            fontsize=9,
            fontweight="bold",
            transform=axes.transAxes,
            path_effects=[withStroke(linewidth=2, foreground="black")],
            ha=anchor,
            va="center",
        )
