"""The answer about one scan, as it is written: what was found, or why nothing was."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from scripts.disclaimer import RESEARCH_ONLY
from scripts.io.errors import ScanError
from scripts.network.score import UNKNOWN
from scripts.results.result import SCHEMA_VERSION


def answer(item: dict[str, Any], found: dict[str, Any], provenance: dict[str, Any]) -> dict[str, Any]:
    """Put together what is known of a scan that was scored; the keys are those of ``docs/asymmetry.schema.json``."""
    result = found["result"]
    others = json.loads(found["image"].meta.get("other_series", "[]"))
    series = {"series": {"chosen": int(found["image"].meta["series"]), "others": others}} if others else {}
    return {**_who(item), "status": result["status"], **result, **series, **_plain(provenance)}


def failure(item: dict[str, Any], error: ScanError, provenance: dict[str, Any]) -> dict[str, Any]:
    """Say why a scan was not scored; it has no number that could be taken for one."""
    message = str(error)
    path = Path(item["image"])
    for words in (str(path.absolute()), str(path), path.name):
        message = message.replace(words, item["case"] if item["hidden"] else path.name)
    return {
        **_who(item),
        "status": "failed",
        "schema_version": SCHEMA_VERSION,
        "score": None,
        "side": UNKNOWN,
        "slices": [],
        "where": None,
        "reasons": [{"code": error.code, "status": "failed", "message": message}],
        "note": RESEARCH_ONLY,
        **_plain(provenance),
    }


def _who(item: dict[str, Any]) -> dict[str, Any]:
    return {"case": item["case"], "subject": item["subject"]}


def _plain(provenance: dict[str, Any]) -> dict[str, Any]:
    seconds = {stage: round(value, 3) for stage, value in provenance["seconds"].items()}
    return {**provenance, "seconds": {**seconds, "total": round(sum(provenance["seconds"].values()), 3)}}
