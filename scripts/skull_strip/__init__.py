"""Finding the brain in a head and setting everything else to exactly 0."""

from __future__ import annotations

from .transform import DEFAULT, METHODS, SkullStrip, SkullStripd

__all__ = ["DEFAULT", "METHODS", "SkullStrip", "SkullStripd"]
