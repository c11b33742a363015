"""Data sets: their scans, the names of subjects and cases, the splits by subject, and a cache of the pairs."""

from __future__ import annotations

from .datalist import dataset, scans

__all__ = ["dataset", "scans"]
