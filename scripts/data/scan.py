"""The item of a scan: what the preprocessing gets, and what names the scan on its way through the bundle."""

from __future__ import annotations

from typing import Any, TypedDict


class Scan(TypedDict, total=False):
    """One scan of a data set.

    A datalist may add keys of its own, which stay: the synthetic cohort adds ``contrast`` and ``asymmetry``.

    Attributes:
        image: path of a NIfTI file, of a folder with a DICOM series, or of a PNG slice. The preprocessing replaces it
            by the pair (2, H, W[, Z]).
        subject: who was scanned; all scans of a subject are in one split.
        case: name of the scan, unique in the data set; results are named by it.
        written: size in bytes and time of writing in ns of every file of the scan. It distinguishes a file from an
            earlier one of the same path, so that no cache takes one for the other.
        brain_mask: path of a brain mask, or the mask (1, X, Y, Z) that the skull strip has made.
        plane: known mid-sagittal plane: ``point`` and ``normal``, RAS+ mm.
        hidden: whether the path names the patient, so that case and subject must not show it; set by ``predict``.
    """

    image: Any
    subject: str
    case: str
    written: list[int]
    brain_mask: Any
    plane: Any
    hidden: bool
