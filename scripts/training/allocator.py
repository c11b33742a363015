"""Freed memory is kept for the next batch, instead of going back to the system and coming again page by page."""

from __future__ import annotations

import ctypes
import platform

M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3
"""Parameters of glibc's ``mallopt(3)``."""

LARGEST = 32 << 20
"""Bytes up to which a block is kept, the most that glibc allows: more than any tensor of a training batch."""

KEPT = 1 << 30
"""Bytes that may lie free at the end of the heap."""


def keep_freed_memory() -> bool:
    """Tell the C library to keep what a batch frees, for the next one.

    By default every tensor above 128 kB is mapped anew, and the kernel clears each of its pages at the first touch:
    some 5 to 10 % of the time of a small network's training on a CPU. Nothing is done elsewhere than on Linux with
    glibc.

    Returns:
        Whether it was done.
    """
    if platform.libc_ver()[0] != "glibc":
        return False
    mallopt = ctypes.CDLL(None).mallopt
    return bool(mallopt(M_MMAP_THRESHOLD, LARGEST)) and bool(mallopt(M_TRIM_THRESHOLD, KEPT))
