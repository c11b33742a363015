"""The HTML templates of the reports."""

from __future__ import annotations

from pathlib import Path
from string import Template


def template(name: str) -> Template:
    """Read an HTML template of this folder."""
    return Template(Path(__file__).with_name(name).read_text(encoding="utf-8"))
