"""Names of what is written for a scan: BIDS, whatever the scan is called."""

from __future__ import annotations

import hashlib
import re

BIDS = re.compile(r"sub-[A-Za-z0-9]+(_[a-z]+-[A-Za-z0-9]+)*(_[A-Za-z0-9]+)?")
LONGEST = 100
"""Characters of a name that is kept as it is: file systems allow 255, and an ending follows."""

KEPT = 40
"""Characters kept of a name that isn't."""


def derivative_name(case: str) -> tuple[str, str]:
    """Name the folder of a scan's results, and the beginning of their files.

    A BIDS name stays; of any other the letters and digits become the subject's label, with a hash of the name where it
    had more than these, so that two names never become one.

    Args:
        case: name of the scan, unique in its data set.

    Returns:
        For example ``("sub-01", "sub-01_T2w")``.
    """
    if len(case) <= LONGEST and BIDS.fullmatch(case):
        return case.split("_")[0], case
    label = re.sub(r"[^A-Za-z0-9]", "", case.removeprefix("sub-"))
    if label != case or len(label) > KEPT:
        label = label[:KEPT] + hashlib.sha256(case.encode("utf-8", "surrogateescape")).hexdigest()[:6]
    return f"sub-{label}", f"sub-{label}"
