"""The answer about one scan, as it is written: what was found, or why nothing was."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from scripts.notice import RESEARCH_ONLY
from scripts.refusal import ScanError
from scripts.result import SCHEMA_VERSION
from scripts.score import UNKNOWN


def answer(item: dict[str, Any], found: dict[str, Any], about: dict[str, Any]) -> dict[str, Any]:
    """Put together what is known of a scan that was scored; the keys are those of ``docs/asymmetry.schema.json``."""
    result = found["result"]
    others = json.loads(found["image"].meta.get("other_series", "[]"))
    series = {"series": {"chosen": int(found["image"].meta["series"]), "others": others}} if others else {}
    return {**_who(item), "status": result["status"], **result, **series, **_plain(about)}


def failure(item: dict[str, Any], error: ScanError, about: dict[str, Any]) -> dict[str, Any]:
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
        **_plain(about),
    }


def _who(item: dict[str, Any]) -> dict[str, Any]:
    return {"case": item["case"], "subject": item["subject"]}


def _plain(about: dict[str, Any]) -> dict[str, Any]:
    seconds = {stage: round(value, 3) for stage, value in about["seconds"].items()}
    return {**about, "seconds": {**seconds, "total": round(sum(about["seconds"].values()), 3)}}
