"""An evaluation becomes a page: its JSON goes to the documents, and their tables and sentences are filled from it."""

from __future__ import annotations

import json
import shutil
import textwrap
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from scripts.atomic_write import write_text
from scripts.evaluation.tables import as_size

from ..release.metadata import REPORT, ROOT, metadata
from .pages import fill_pages, markdown_table

__all__ = ["content", "publish"]

COLUMNS = {
    "auc": "AUC",
    "balanced_accuracy": "balanced_accuracy",
    "sensitivity": "sensitivity at 5 % false positives",
    "laterality_accuracy": "right half",
    "localisation_accuracy": "evidence peaks in the found lesion",
    "known_location_accuracy": "told where: accuracy",
    "baseline_auc": "no learning: AUC",
}
WITHOUT_INTERVAL = ("laterality_accuracy", "localisation_accuracy")
"""Columns whose intervals are left to the JSON, so that a row still fits a page."""

WIDTH = 120
"""Of the documents, in characters."""

LEVELS = {"0.5": "half", "0.75": "three of four", "0.9": "nine of ten"}


def publish(name: str, evaluation: str | Path = "eval", docs: str | Path = "docs") -> list[Path]:
    """Copy an evaluation's figures to the documents and fill the pages that name it; "shipped" fills the metadata, too.

    Args:
        name: of the evaluation, for example "default".
        evaluation: folder that ``configs/evaluate.json`` wrote: ``by_size.json`` and pictures.
        docs: where to write ``<name>_by_size.json``, the pictures that a page shows as ``figures/<name>_<picture>``,
            and the tables and sentences between ``<!-- table <name>_<part> -->`` and its end, with the parts of
            :func:`content`.

    Returns:
        The files written.

    Raises:
        FileNotFoundError: if the folder holds no evaluation.
    """
    source, target = Path(evaluation) / "by_size.json", Path(docs)
    if not source.exists():
        raise FileNotFoundError(f"{source}: not found. Run the evaluation first, or name its folder.")
    report = json.loads(source.read_text())
    written = [target / f"{name}_by_size.json"]
    write_text(written[0], json.dumps(report, indent=1) + "\n")
    pages = "".join(page.read_text(encoding="utf-8") for page in target.glob("*.md"))
    for picture in source.parent.glob("*.png"):
        copy = target / "figures" / f"{name}_{picture.name}"
        if f"figures/{copy.name}" in pages:
            copy.parent.mkdir(parents=True, exist_ok=True)
            written.append(Path(shutil.copyfile(picture, copy)))
    for key, text in content(report).items():
        written += fill_pages([target], f"{name}_{key}", text)
    if written[0].resolve() == (ROOT / REPORT).resolve():
        written += metadata(root=str(ROOT))
    return list(dict.fromkeys(written))


def content(report: dict[str, Any]) -> dict[str, str]:
    """Lay an evaluation out for the documents.

    Returns:
        For each kind of lesion its table, as ``<lesion_type>``, and where there is a curve over the sizes, what it
        says, as ``<lesion_type>_words``; the false positives as ``alarms``.
    """
    lesion_types = dict.fromkeys(row["lesion_type"] for row in report["rows"])
    tables = {lesion_type: _table(report, lesion_type) for lesion_type in lesion_types}
    words = {
        f"{lesion_type}_words": _words(report, lesion_type)
        for lesion_type in lesion_types
        if lesion_type in report["psychometric"]
    }
    return {**tables, **words, "alarms": _alarms(report)}


def _table(report: dict[str, Any], lesion_type: str) -> str:
    unit = "area (mm²)" if report["scale"] == "area_mm2" else "side (mm)"
    rows = [row for row in report["rows"] if row["lesion_type"] == lesion_type]
    shown = [name for name in COLUMNS if name in rows[0]]
    cells = [[f"{row['size']:g}", *(_cell(row[name], name not in WITHOUT_INTERVAL) for name in shown)] for row in rows]
    return markdown_table([unit, *(COLUMNS[name] for name in shown)], cells)


def _words(report: dict[str, Any], lesion_type: str) -> str:
    unit = "mm²" if report["scale"] == "area_mm2" else "mm"
    largest = max(row["size"] for row in report["rows"] if row["lesion_type"] == lesion_type)
    sizes = report["psychometric"][lesion_type]["sizes"]
    seen = [f"{LEVELS[level]} from {_from(size, unit, largest)}" for level, size in sizes.items()]
    seen[0] = seen[0].replace("half from", f"half of the {lesion_type} lesions are seen from")
    fit = report["calibration"][lesion_type]
    return _wrapped(
        f"At 5 % false positives, {', '.join(seen)} (the curve fitted over the sizes). Read as probabilities of a "
        f"lesion, the scores have an expected calibration error of {fit['ece']:.3f} and a Brier score of "
        f"{fit['brier']:.3f}."
    )


def _from(size: Sequence[float | None], unit: str, largest: float) -> str:
    return f"{as_size(size)} {unit}" if size[0] is not None else f"more than {largest:g} {unit}"


def _alarms(report: dict[str, Any]) -> str:
    shares = [
        "{:.0f} % ({:.0f}–{:.0f}) of the {} slices".format(*(100 * part for part in share), name)
        for name, share in report["false_positive_rate"].items()
    ]
    return _wrapped(
        f"False positives at the network's own threshold, {report['normal_slices']} slices of each kind: "
        f"{', '.join(shares)}."
    )


def _wrapped(text: str) -> str:
    return textwrap.fill(text, WIDTH, break_on_hyphens=False) + "\n"


def _cell(estimate: Sequence[float] | None, interval: bool) -> str:
    if estimate is None:
        return "–"
    return "{:.2f} ({:.2f}–{:.2f})".format(*estimate) if interval else f"{estimate[0]:.2f}"
