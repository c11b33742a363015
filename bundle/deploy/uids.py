"""UIDs of the objects, made of what they depend on: a second run writes the same objects, not new ones."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any


def uid_of(*parts: str) -> Any:
    """Return a UID that is the same for the same parts."""
    from pydicom.uid import generate_uid

    return generate_uid(entropy_srcs=list(parts))


def object_uid(kind: str, result: Mapping[str, Any], slices: Sequence[Any]) -> Any:
    """Return the UID of an object, or of its series.

    Args:
        kind: what it is for.
        result: whose version, weights and settings count.
        slices: the data sets that were scored.
    """
    made_by = {key: result.get(key) for key in ("versions", "sha256", "settings")}
    sources = sorted(str(slice_.SOPInstanceUID) for slice_ in slices)
    return uid_of(kind, json.dumps(made_by, sort_keys=True, default=str), *sources)
