"""The mid-sagittal plane, detected by symmetry or given, and the resampling that puts it in the middle of the grid."""

from __future__ import annotations

from .align import AlignMidline, AlignMidlined

__all__ = ["AlignMidline", "AlignMidlined"]
