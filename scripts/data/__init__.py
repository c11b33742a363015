"""Which scans a data set holds, whose they are, and which split each subject belongs to."""

from __future__ import annotations

from .datalist import dataset, scans

__all__ = ["dataset", "scans"]
