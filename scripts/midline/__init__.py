"""The mid-sagittal plane: found by symmetry, or given; and a head resampled so that it is the middle of the grid."""

from __future__ import annotations

from .align import AlignMidline, AlignMidlined

__all__ = ["AlignMidline", "AlignMidlined"]
