"""A hash of transforms or of a scan's entry, by which what was preprocessed is found again."""

from __future__ import annotations

import hashlib
import io
import pickle
from typing import Any

from monai.data.utils import sorted_dict


def content_hash(item: Any) -> bytes:
    """Hash an object by its content alone, for ``hash_transform`` and ``hash_func`` of MONAI's ``PersistentDataset``.

    MONAI's ``pickle_hashing`` also depends on which equal strings are one object. That differs between a config that
    was read and one that another process handed on.

    Args:
        item: picklable, without circles.

    Returns:
        Hexadecimal digits.
    """
    buffer = io.BytesIO()
    pickler = pickle.Pickler(buffer, protocol=pickle.HIGHEST_PROTOCOL)
    pickler.fast = True  # each object is written out, whether it was met before or not
    pickler.dump(sorted_dict(item))
    return hashlib.sha256(buffer.getvalue()).hexdigest().encode()
