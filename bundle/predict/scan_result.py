"""The complete result of one scan, as it is written to its JSON file."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypedDict

from scripts.disclaimer import RESEARCH_ONLY
from scripts.io.errors import ScanError
from scripts.network.score import UNKNOWN
from scripts.results.result import SCHEMA_VERSION
from scripts.results.summarise import AsymmetryResult

from .provenance import Provenance


class Series(TypedDict):
    """The DICOM series of a folder that holds several.

    Attributes:
        chosen: number of the series that was scored.
        others: the other series; ``series`` is the number, ``why`` the reason.
    """

    chosen: int
    others: list[dict[str, Any]]


class ScanResult(AsymmetryResult, Provenance, total=False):
    """The content of ``<scan>_asymmetry.json``, see ``docs/asymmetry.schema.json``.

    A failed scan has neither a score nor anything that could be mistaken for one.

    Attributes:
        case: name of the scan, unique in its batch. It never identifies a patient.
        subject: label of the subject.
        series: for a DICOM folder with several series.
    """

    case: str
    subject: str
    series: Series


def scan_result(item: Mapping[str, Any], data: Mapping[str, Any], provenance: Mapping[str, Any]) -> dict[str, Any]:
    """Return the :class:`ScanResult` of a scan that was scored.

    Args:
        item: the scan, with ``case`` and ``subject``.
        data: of the pipeline, see :class:`bundle.predict.pipeline.ScanData`.
        provenance: of the pipeline, with the ``seconds`` of this scan.
    """
    result, pair = data["result"], data["image"]
    others = json.loads(pair.meta.get("other_series", "[]"))
    series = {"series": {"chosen": int(pair.meta["series"]), "others": others}} if others else {}
    return {**_names(item), "status": result["status"], **result, **series, **_rounded(provenance)}


def failed_result(item: Mapping[str, Any], error: ScanError, provenance: Mapping[str, Any]) -> dict[str, Any]:
    """Return the :class:`ScanResult` of a scan that failed, with the reason.

    Args:
        item: the scan, with ``image``, ``case`` and ``subject``. If ``hidden``, its path identifies a patient: the
            message then names the case instead.
        error: why it failed.
        provenance: of the pipeline, with the ``seconds`` of this scan.
    """
    message = str(error)
    path = Path(item["image"])
    for words in (str(path.absolute()), str(path), path.name):
        message = message.replace(words, item["case"] if item["hidden"] else path.name)
    return {
        **_names(item),
        "status": "failed",
        "schema_version": SCHEMA_VERSION,
        "score": None,
        "side": UNKNOWN,
        "findings": [],
        "slices": [],
        "reasons": [{"code": error.code, "status": "failed", "message": message}],
        "note": RESEARCH_ONLY,
        **_rounded(provenance),
    }


def _names(item: Mapping[str, Any]) -> dict[str, str]:
    return {"case": item["case"], "subject": item["subject"]}


def _rounded(provenance: Mapping[str, Any]) -> dict[str, Any]:
    """Return the provenance with rounded seconds and their total."""
    seconds = {stage: round(value, 3) for stage, value in provenance["seconds"].items()}
    return {**provenance, "seconds": {**seconds, "total": round(sum(provenance["seconds"].values()), 3)}}
