"""A DICOM folder that holds several studies: each is a scan of its own."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from scripts.io.dicom import find_series

SEVERAL = "several_studies"
"""Code of a folder that holds several."""


def by_study(item: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return an item for each study of a folder, in the order of their UIDs.

    Args:
        item: with ``image``, the folder, ``case`` and ``subject``. Names end with the number of the study, and of the
            patient if there are several, never with what identifies them.
    """
    studies = sorted({series.study for series in find_series(Path(item["image"]))})
    patients = sorted({study.patient for study in studies})
    items = []
    for number, study in enumerate(studies, 1):
        subject = item["subject"]
        if len(patients) > 1:
            subject = f"{subject}-patient{patients.index(study.patient) + 1}"
        items.append({**item, "study": study, "case": f"{item['case']}_study-{number}", "subject": subject})
    return items
