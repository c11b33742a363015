"""Write the files of one scan; a disk that refuses makes the scan ``failed``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from scripts.results.write import write_results

from ..reports.scan import scan_page


def keep(output_dir: Path, result: dict[str, Any], found: dict[str, Any]) -> dict[str, Any]:
    """Write answer, map, mask and report of a scan; of one that failed the answer alone.

    Args:
        output_dir: of all scans.
        result: the answer.
        found: of the pipeline.

    Returns:
        The answer, or another that says why it could not be written.
    """
    try:
        if result["status"] == "failed":
            write_results(output_dir, result)
        else:
            page = scan_page(result, found, found["normal_scores"])
            write_results(output_dir, result, found["probability"], found["brain_mask"], page)
    except OSError as error:
        message = f"{error.strerror or error}: {output_dir}. Make room, or choose another folder."
        reason = {"code": "not_written", "status": "failed", "message": message}
        return {**result, "status": "failed", "score": None, "side": "unknown", "where": None, "reasons": [reason]}
    return result
