"""Preprocess the scans of a training or an evaluation beforehand, in several processes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from .processes import Task, at_once, run_all

Part = tuple[Sequence[Path], str]
"""Configs of a run, ``cached_pairs.json`` among them, and whose data set is meant: ``train`` or ``validate``."""


def fill_cache(
    parts: Sequence[Part], overrides: dict[str, Any], logs: Path, say: Callable[[str], None] = print
) -> None:
    """Fill the cache of pairs that ``configs/cached_pairs.json`` names; pairs that are there are kept.

    Args:
        parts: the data sets.
        overrides: of all configs, ``pairs_dir`` among them.
        logs: folder of the logs.
        say: gets a line for each process that ends.
    """
    number = at_once()
    run_all(
        [
            Task(
                f"pairs, {share + 1} of {number}", _fill, (parts, overrides, share, number), logs / f"pairs_{share}.log"
            )
            for share in range(number)
        ],
        number,
        say,
    )


def _fill(parts: Sequence[Part], overrides: dict[str, Any], share: int, shares: int) -> None:
    from monai.bundle import ConfigParser

    for configs, part in parts:
        parser = ConfigParser()
        parser.read_config([str(path) for path in configs])
        parser.update(overrides)
        dataset = parser.get_parsed_content(f"{part}::dataset")
        for index in range(share, len(dataset), shares):
            dataset[index]
