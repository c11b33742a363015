"""Real newborns: networks and skull strips of a cross-validation on subjects that they have not seen."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from scripts.atomic_write import write_text

from ...benchmark.newborns import PARTS, measure
from ...crossvalidate import crossvalidate
from ...crossvalidate.heads import MATERIALS
from ..compact import compact
from ..nodes import NODES, SYNTHETIC
from ..work import Work

FOLDS, SEEDS = 4, (0, 1, 2)

FIRST = SEEDS[:1]
"""Seed of the networks that learn from newborns alone or from synthetic heads alone, as a comparison."""

SHIPPED = "both"
"""What the shipped weights learnt from."""

BASELINE = "as_they_are"
"""The part of the benchmark that is also made with other weights. Those of before any newborn are the baseline. The
shipped skull strip would not do: it has learnt from these newborns."""

EVERY_SEED = ["as_they_are", "contrasts", "strip"]
"""Parts of the benchmark that are made with the networks of every seed; the others take an hour with one."""

SOURCE = (
    "Twelve newborns of the ALBERTs, T1 and T2 each. Gousias et al. 2012 (doi:10.1016/j.neuroimage.2012.05.083), "
    "Gousias et al. 2013 (doi:10.1371/journal.pone.0059990), Makropoulos et al. 2016 "
    "(doi:10.1016/j.neuroimage.2015.10.047)."
)


def make(work: Work, newborns_dir: str) -> dict[str, Any]:
    """Cross-validate on normal newborns, and measure each by what has not seen it.

    Args:
        work: the folder of intermediate data.
        newborns_dir: the scans, each with a tight brain mask beside it.
    """
    node = NODES["newborns"]
    folder = work.folder("newborns", (*node.files, *node.code), scans=Path(newborns_dir).name)
    validation = folder / "crossvalidation"
    for name in MATERIALS:
        crossvalidate(newborns_dir, str(validation), FOLDS, SEEDS if name == SHIPPED else FIRST, name)
    every = validation / f"networks_{SHIPPED}.json"
    first = validation / "networks_first.json"
    write_text(first, json.dumps([row for row in json.loads(every.read_text()) if row["seed"] in FIRST], indent=1))
    synthetic = validation / "networks_synthetic.json"
    write_text(synthetic, json.dumps(_synthetic(work, json.loads(first.read_text())), indent=1))
    measured: dict[str, Any] = {}
    for name, networks, parts in (
        ("trained", every, EVERY_SEED),
        ("first", first, [part for part in PARTS if part not in EVERY_SEED]),
        ("synthetic", synthetic, [BASELINE]),
        *((name, validation / f"networks_{name}.json", [BASELINE]) for name in MATERIALS if name != SHIPPED),
    ):
        report = measure(newborns_dir, folder / name, str(networks), parts, None)
        if report["failed"]:
            raise RuntimeError(f"{len(report['failed'])} scans failed, first {report['failed'][0]}")
        measured[name] = report
    return {
        "note": measured["trained"]["note"],
        "source": SOURCE,
        "subjects": measured["trained"]["subjects"],
        "scans": measured["trained"]["scans"],
        "folds": FOLDS,
        "seeds": list(SEEDS),
        "trainings": len(SEEDS),
        **shortened({**measured["trained"]["parts"], **measured["first"]["parts"]}),
        "synthetic": shortened(measured["synthetic"]["parts"]),
        "learnt_from": {name: shortened(measured[name]["parts"]) for name in MATERIALS if name != SHIPPED},
    }


def _synthetic(work: Work, networks: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return networks for the same subjects that have seen synthetic heads only."""
    strip, scorer = (str(work.root / path) for path in SYNTHETIC)
    return [{"subjects": row["subjects"], "model": scorer, "skull_strip": strip} for row in networks]


def shortened(parts: dict[str, Any]) -> dict[str, Any]:
    """Put tables by size into the form of the other results, under the name of their group of scans."""
    as_they_are, thick = dict(parts["as_they_are"]), parts.get("thick")
    out = {name: _report(report) for name, report in as_they_are.pop("by_size").items()}
    out |= as_they_are
    out |= {name: part for name, part in parts.items() if name not in ("as_they_are", "thick")}
    if thick is not None:
        out["thick"] = {
            version: {name: _report(report) for name, report in groups.items()}
            for version, groups in thick.items()
            if groups
        }
    return out


def _report(report: dict[str, Any]) -> dict[str, Any]:
    return {**compact(report), "calibration_error": report["ece"]}
