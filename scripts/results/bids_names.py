"""BIDS names for the files of a scan, whatever the scan is called."""

from __future__ import annotations

import hashlib
import re

BIDS = re.compile(r"sub-[A-Za-z0-9]+(_[a-z]+-[A-Za-z0-9]+)*(_[A-Za-z0-9]+)?")
MAX_LENGTH = 100
"""Longest BIDS name that is kept, in characters: file systems allow 255, and an ending is added."""

LABEL_LENGTH = 40
"""Characters that are kept of any other name."""


def derivative_name(case: str) -> tuple[str, str]:
    """Return the folder of a scan's results, and the beginning of their file names.

    A BIDS name is kept. Of any other name, letters and digits become the label of the subject. If it had other
    characters, a hash of the name is added, so that two scans never get the same name.

    Args:
        case: name of the scan, unique in its data set.

    Returns:
        For example ``("sub-01", "sub-01_T2w")``.
    """
    if len(case) <= MAX_LENGTH and BIDS.fullmatch(case):
        return case.split("_")[0], case
    label = re.sub(r"[^A-Za-z0-9]", "", case.removeprefix("sub-"))
    if label != case or len(label) > LABEL_LENGTH:
        label = label[:LABEL_LENGTH] + hashlib.sha256(case.encode("utf-8", "surrogateescape")).hexdigest()[:6]
    return f"sub-{label}", f"sub-{label}"
