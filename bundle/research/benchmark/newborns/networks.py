"""Which networks measure which subject: those that have not seen it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from .... import ROOT

SHIPPED_MODEL, SHIPPED_STRIP = str(ROOT / "models" / "model.pt"), "learned"


class Network(NamedTuple):
    """What turns a scan into a score.

    Attributes:
        model: file of the weights.
        skull_strip: method of the skull strip, or a file of its weights.
    """

    model: str
    skull_strip: str


def networks_of(file: str | None, subjects: Sequence[str]) -> dict[str, list[Network]]:
    """Read which networks measure each subject.

    Args:
        file: JSON list of ``{"subjects": [...], "model": "model.pt", "skull_strip": "skull_strip.pt" or null}``. The
            subjects are those that were held out of the training. A path is relative to the file's folder. None: the
            shipped weights for all.
        subjects: of the data set.

    Returns:
        Subject -> its networks. Several are runs (seeds), which are averaged; run k of all subjects belongs together.

    Raises:
        FileNotFoundError: if a file is missing.
        ValueError: if the content is not such a list, or the subjects do not all have equally many networks.
    """
    if file is None:
        return {subject: [Network(SHIPPED_MODEL, SHIPPED_STRIP)] for subject in subjects}
    path = Path(file)
    if not path.exists():
        raise FileNotFoundError(f"{path}: no such file. Expected a JSON list of networks; check --networks.")
    entries = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(entries, list) or not all(
        isinstance(e, dict) and {"subjects", "model"} <= set(e) for e in entries
    ):
        raise ValueError(
            f"{path}: expected a list of objects with 'subjects' and 'model' (and 'skull_strip'), found "
            f"{str(entries)[:80]}. Correct the file."
        )
    found: dict[str, list[Network]] = {subject: [] for subject in subjects}
    for entry in entries:
        model, strip = (_weights(entry.get(key), path) for key in ("model", "skull_strip"))
        for subject in set(entry["subjects"]) & set(found):
            found[subject].append(Network(model or SHIPPED_MODEL, strip or SHIPPED_STRIP))
    counts = {subject: len(networks) for subject, networks in found.items()}
    if len(set(counts.values())) > 1 or 0 in counts.values():
        raise ValueError(
            f"{path}: expected as many networks for every subject of the data set, one or more, found {counts}. "
            "List each subject in the entries of the networks that have not seen it."
        )
    return found


def _weights(value: str | None, file: Path) -> str | None:
    """The path of a file of weights, absolute."""
    if value is None:
        return None
    path = file.parent.absolute() / value
    if not path.exists():
        raise FileNotFoundError(f"{path}: no such file of weights. Correct its path in {file}.")
    return str(path)
