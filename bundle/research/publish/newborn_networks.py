"""The networks of a cross-validation on real newborns, trained once for all results that need them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from scripts.atomic_write import write_text

from ..benchmark.newborns import measure
from ..crossvalidate import crossvalidate
from ..crossvalidate.heads import LEARN_FROM
from .compact import compact
from .nodes import CROSSVALIDATION, SYNTHETIC
from .work import Work

FOLDS, SEEDS = 4, (0, 1, 2)

FIRST = SEEDS[:1]
"""Seed of the networks with which what takes long is measured."""


def trained(
    work: Work, newborns_dir: str, folder: str | None, learn_from: str = LEARN_FROM, seeds: tuple[int, ...] = SEEDS
) -> Path:
    """Cross-validate, as far as it is not done yet.

    Args:
        work: the folder of intermediate data.
        newborns_dir: normal scans, each with a tight brain mask beside it.
        folder: of ``crossvalidate``, with what is trained already; by default one of the intermediate data.
        learn_from: a key of ``crossvalidate.heads.MATERIALS``.
        seeds: of the trainings in each fold.

    Returns:
        The list of the networks, for the benchmark.
    """
    home = Path(folder or work.folder("crossvalidation", CROSSVALIDATION, scans=Path(newborns_dir).name))
    every = crossvalidate(newborns_dir, str(home), FOLDS, SEEDS if learn_from == LEARN_FROM else seeds, learn_from)
    chosen = [row for row in json.loads(Path(every).read_text()) if row["seed"] in seeds]
    return _listed(home / f"networks_{learn_from}_{len(seeds)}.json", chosen)


def before_newborns(work: Work, networks: Path) -> Path:
    """List, for the same subjects, the networks that have seen synthetic heads only.

    Their skull strip has seen no newborn either. The shipped one would not do: it has learnt from these.
    """
    strip, scorer = (str(work.root / path) for path in SYNTHETIC)
    rows = {str(row["subjects"]): row["subjects"] for row in json.loads(networks.read_text())}
    listed = [{"subjects": subjects, "model": scorer, "skull_strip": strip} for subjects in rows.values()]
    return _listed(networks.with_name("networks_synthetic.json"), listed)


def measured(newborns_dir: str, folder: Path, networks: Path, parts: list[str]) -> dict[str, Any]:
    """Measure parts of the benchmark.

    Raises:
        RuntimeError: if a scan could not be measured.
    """
    report = measure(newborns_dir, folder / networks.stem, str(networks), parts, None)
    if report["failed"]:
        raise RuntimeError(f"{len(report['failed'])} scans failed, first {report['failed'][0]}")
    return report


def by_group(reports: dict[str, Any]) -> dict[str, Any]:
    """Put the tables by size of groups of scans into the form of the other results."""
    return {name: {**compact(report), "calibration_error": report["ece"]} for name, report in reports.items()}


def _listed(file: Path, networks: list[dict[str, Any]]) -> Path:
    write_text(file, json.dumps(networks, indent=1) + "\n")
    return file
