"""The commands of a page, to run them to the letter."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Mapping
from pathlib import Path

from tests.conftest import ROOT


def commands(page: str, under: str) -> list[str]:
    """Return the blocks of commands under a heading, one text each.

    Args:
        page: below ``docs``.
        under: heading, without its number signs.
    """
    parts = re.split(r"^#+ (.*)$", (ROOT / "docs" / page).read_text(), flags=re.MULTILINE)
    sections = dict(zip(parts[1::2], parts[2::2], strict=True))
    return re.findall(r"^```bash\n(.*?)^```", sections[under], re.DOTALL | re.MULTILINE)


def with_values(text: str, values: Mapping[str, str]) -> str:
    """Put values in the place of the page's words, such as ``STUDIES``."""
    for word, value in values.items():
        assert word in text, f"{word} is not in: {text}"
        text = text.replace(word, value)
    return text


def checkout(folder: Path) -> Path:
    """Return a folder that looks like the repository: commands may write into it."""
    folder.mkdir(parents=True)
    for entry in ("bundle", "configs", "container", "docs", "metadata.json", "models", "scripts", "tests"):
        (folder / entry).symlink_to(ROOT / entry)
    return folder


def run(text: str, folder: Path, home: Path, seconds: float = 300) -> subprocess.CompletedProcess[str]:
    """Run commands in bash, as a user whose home is ``home``; they have to succeed."""
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", text],
        cwd=folder,
        env={**os.environ, "HOME": str(home)},
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
    )
    assert done.returncode == 0, f"{text}\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
    return done
