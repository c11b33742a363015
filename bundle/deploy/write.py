"""Write the files of a scored study: DICOM SEG and SR, the report, and last the result as JSON."""

from __future__ import annotations

import json
from pathlib import Path

from scripts.atomic_write import atomic_file, write_text
from scripts.results.bands import BANDS

from ..reports.scan import scan_page
from .encapsulated import pdf_object
from .pdf import print_page
from .score import Scored
from .seg import segmentation
from .sr import report


def write_all(scored: Scored, folder: Path) -> list[Path]:
    """Write all files of a study, each atomically.

    Args:
        scored: of :func:`bundle.deploy.score.score_study`.
        folder: created if it is missing.

    Returns:
        ``report.html``, ``asymmetry_seg.dcm``, ``asymmetry_sr.dcm``, ``report_pdf.dcm`` if a browser is installed, and
        ``scores.json``. A failed study has the last one alone. Only the DICOM objects name the patient.
    """
    written = []
    if scored.frames is not None:
        page = scan_page(scored.result, scored.data, scored.data["normal_scores"])
        write_text(folder / "report.html", page)
        written.append(folder / "report.html")
        volumes = {
            number: float((scored.frames == number).sum()) * scored.voxel_mm3 for number in range(1, len(BANDS) + 1)
        }
        seg = segmentation(scored.frames, scored.slices, scored.result)
        objects = {"asymmetry_seg.dcm": seg, "asymmetry_sr.dcm": report(scored.result, scored.slices, seg, volumes)}
        content = print_page(folder / "report.html")
        if content:
            objects["report_pdf.dcm"] = pdf_object(content, scored.result, scored.slices)
        for name, dataset in objects.items():
            with atomic_file(folder / name) as partial:
                dataset.save_as(partial, enforce_file_format=True)
            written.append(folder / name)
    write_text(folder / "scores.json", json.dumps(scored.result, indent=2, allow_nan=False) + "\n")
    return [*written, folder / "scores.json"]
