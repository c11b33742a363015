"""The product round the bundle: ``python -m bundle --help``."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).parents[1]
"""The bundle's folder, with ``configs``, ``scripts`` and ``models``."""
