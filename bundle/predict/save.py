"""Write the files of one scan. If they cannot be written, the scan becomes ``failed``."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from scripts.results.write import write_results

from ..reports.scan import scan_page


def save_scan(
    output_dir: Path, result: dict[str, Any], data: Mapping[str, Any], with_viewer: bool = True
) -> dict[str, Any]:
    """Write result, map, mask and report of a scan; of a failed scan the result alone.

    Args:
        output_dir: of all scans.
        result: see :class:`bundle.predict.scan_result.ScanResult`.
        data: of the pipeline, see :class:`bundle.predict.pipeline.ScanData`.
        with_viewer: add the viewer to the report.

    Returns:
        The result, or a failed one that says why it could not be written.
    """
    try:
        if result["status"] == "failed":
            write_results(output_dir, result)
        else:
            page = scan_page(result, data, data["normal_scores"], with_viewer)
            write_results(output_dir, result, data["probability"], data["brain_mask"], page)
    except OSError as error:
        message = f"{error.strerror or error}: {output_dir}. Make room, or choose another folder."
        reason = {"code": "not_written", "status": "failed", "message": message}
        return {**result, "status": "failed", "score": None, "side": "unknown", "findings": [], "reasons": [reason]}
    return result
