"""What Gucciardi et al. 2025 (doi:10.5281/zenodo.15401010) report, for the tables and figures that show it, too."""

from __future__ import annotations

NAME = "Gucciardi et al. 2025 (painted lesions, their own images)"

ACCURACY = {7.0: 0.76, 13.5: 0.99}
"""Accuracy of their best network (VGG19) by side in mm, called mm² there; 0.99 holds for all larger sizes, too."""


def accuracy(size: float) -> float | None:
    """Return the reported accuracy for painted lesions of a side in mm; None where none is reported."""
    return ACCURACY[13.5] if size > 13.5 else ACCURACY.get(size)
