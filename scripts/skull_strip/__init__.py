"""Skull stripping: the brain is segmented, and everything else is set to exactly 0."""

from __future__ import annotations

from .transform import DEFAULT, METHODS, SkullStrip, SkullStripd

__all__ = ["DEFAULT", "METHODS", "SkullStrip", "SkullStripd"]
