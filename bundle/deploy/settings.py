"""The settings that the command lines take."""

from __future__ import annotations

SETTINGS = {
    "normative": "reference of normal scans",
    "ages": "table (TSV) with the age at scan of each subject",
    "skull_strip": "method of brain extraction",
    "dicom_series": "rules that choose the series of a study (JSON)",
    "device": "where it runs, such as cpu or cuda:0",
}
"""Keys of ``configs/inference.json`` -> their meaning."""
