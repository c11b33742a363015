"""Intermediate data of the published results, in the ignored folder ``published``: cohorts, pairs, trainings, scores.

A folder's name ends with a hash of what its content depends on, so that nothing out of date is taken for new.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ... import ROOT
from .code import hash_of
from .nodes import FIGURES, HEADS, PREPROCESSING, STRIP


class Work:
    """The folder ``published`` below the bundle's.

    Args:
        root: the bundle's folder.
    """

    def __init__(self, root: Path = ROOT) -> None:
        self.root = root
        self.published = root / "published"

    def folder(self, name: str, depends: Sequence[str] = (), **settings: Any) -> Path:
        """Return the folder of some intermediate data; older folders of the same name are deleted.

        Args:
            name: of the data.
            depends: paths of files and rooms of code that it depends on, relative to the bundle's folder.
            settings: what else it depends on; JSON-safe.
        """
        parts = [f"{path} {hash_of(self.root / path)}" for path in depends] + [json.dumps(settings, sort_keys=True)]
        key = hashlib.sha256("\n".join(parts).encode()).hexdigest()[:10]
        folder = self.published / f"{name}_{key}"
        if not folder.exists():
            for old in self.published.glob(f"{name}_{'[0-9a-f]' * 10}"):
                shutil.rmtree(old)
            folder.mkdir(parents=True)
        return folder

    def cohort(self, name: str, **settings: Any) -> Path:
        """Make a cohort of synthetic heads, or find it made.

        Args:
            name: of the cohort.
            settings: of ``scripts.phantom.cohort.make_cohort``.

        Returns:
            Its folder.
        """
        from scripts.phantom.cohort import make_cohort

        folder = self.folder(f"cohort_{name}", HEADS, **settings)
        make_cohort(folder, **settings)
        return folder

    def pairs(self) -> Path:
        """Return the folder of all preprocessed pairs."""
        return self.folder("pairs", (STRIP, *PREPROCESSING, "scripts/data"))

    def figure(self, name: str) -> Path:
        """Return where a picture of the documentation lies."""
        return self.root / FIGURES / f"{name}.png"
